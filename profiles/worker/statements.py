"""The SQL that applies many events at once."""

from sqlalchemy import text

#: One chunk at a time: what belongs to a device is decided by everything that was applied before.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7426002)")

#: A customer of whom only events are known: facts of the shop have never been given, nor when they signed up.
ADD_CUSTOMERS = text("""
    INSERT INTO profiles.customers AS c (customer_id, signed_up_at, facts_at)
    SELECT id, at, 'epoch' FROM unnest(CAST(:ids AS text[]), CAST(:times AS timestamptz[])) AS n (id, at)
    ORDER BY id
    ON CONFLICT (customer_id) DO UPDATE SET signed_up_at = excluded.signed_up_at
    WHERE c.facts_at = 'epoch' AND excluded.signed_up_at < c.signed_up_at
        AND NOT EXISTS (
            SELECT FROM profiles.traits AS t WHERE t.customer_id = c.customer_id AND t.name = 'signed_up_at')
""")

LOCK_CUSTOMERS = text("""
    SELECT customer_id FROM profiles.customers WHERE customer_id = ANY (CAST(:ids AS text[]))
    ORDER BY customer_id FOR NO KEY UPDATE
""")

_COUNT = """
    SELECT customer_id, (occurred_at AT TIME ZONE 'UTC')::date AS day,
        CASE kind WHEN 'page' THEN 'Page Viewed' ELSE name END AS name,
        count(*) AS count, coalesce(sum(profiles.amount_of(document)), 0) AS amount, max(occurred_at) AS last_at
"""

#: Adds the events that are not known yet and counts them; gives their ids.
ADD_EVENTS = text(f"""
    WITH added AS (
        INSERT INTO profiles.events (message_id, customer_id, origin_id, anonymous_id, kind, name, occurred_at,
                                     received_at, source, document, sealed)
        SELECT message_id, customer_id, origin_id, anonymous_id, kind, name, occurred_at, received_at, source,
            document, decode(sealed, 'hex')
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
            message_id text, customer_id text, origin_id text, anonymous_id text, kind text, name text,
            occurred_at timestamptz, received_at timestamptz, source text, document jsonb, sealed text)
        ON CONFLICT (message_id) DO NOTHING
        RETURNING message_id, customer_id, kind, name, occurred_at, document),
    counted AS (
        INSERT INTO profiles.daily_activity AS d (customer_id, day, name, count, amount, last_at)
        {_COUNT} FROM added WHERE customer_id IS NOT NULL AND kind IN ('track', 'page')
        GROUP BY 1, 2, 3
        ON CONFLICT (customer_id, day, name) DO UPDATE
        SET count = d.count + excluded.count, amount = d.amount + excluded.amount,
            last_at = greatest(d.last_at, excluded.last_at))
    SELECT message_id FROM added
""")  # noqa: S608  (made of constants)

#: Events of devices that are not yet those of the device's present customer.
MOVING = text("""
    SELECT e.message_id, e.anonymous_id, e.kind, e.name, e.occurred_at, e.received_at, e.source,
        e.document, e.sealed,
        e.customer_id AS before, d.customer_id AS after
    FROM profiles.events AS e JOIN profiles.devices AS d USING (anonymous_id)
    WHERE e.anonymous_id = ANY (CAST(:devices AS text[])) AND e.origin_id IS NULL
        AND e.customer_id IS DISTINCT FROM d.customer_id
    ORDER BY e.message_id
""")
MOVE = text("""
    UPDATE profiles.events AS e SET customer_id = m.owner
    FROM unnest(CAST(:ids AS text[]), CAST(:owners AS text[])) AS m (message_id, owner)
    WHERE e.message_id = m.message_id
""")
FORGET_EVENTS = text("DELETE FROM profiles.events WHERE message_id = ANY (CAST(:ids AS text[]))")
#: Purposes that customers have refused: the latest statement says no, or has expired.
REFUSED = text("""
    SELECT customer_id, purpose FROM (
        SELECT DISTINCT ON (customer_id, purpose) customer_id, purpose, granted, expires_at
        FROM profiles.consents
        WHERE customer_id = ANY (CAST(:customers AS text[])) AND at <= :now
        ORDER BY customer_id, purpose, at DESC) AS latest
    WHERE NOT granted OR expires_at <= :now
""")

OWNERS_OF_DEVICES = text("""
    SELECT anonymous_id, customer_id FROM profiles.devices WHERE anonymous_id = ANY (CAST(:devices AS text[]))
""")
FORGET_COUNTS = text(
    "DELETE FROM profiles.daily_activity WHERE customer_id = ANY (CAST(:customers AS text[]))"
)
#: Counts all events of customers anew.
COUNT_AGAIN = text(f"""
    INSERT INTO profiles.daily_activity (customer_id, day, name, count, amount, last_at)
    {_COUNT} FROM profiles.events
    WHERE customer_id = ANY (CAST(:customers AS text[])) AND kind IN ('track', 'page')
    GROUP BY 1, 2, 3
""")
