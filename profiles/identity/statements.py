"""The SQL of merges: moves rows of one table from one customer to another, and back, and notes each."""

from sqlalchemy import TextClause, text

from profiles.identity.references import Reference

_CUSTOMERS = "profiles.customers"

LOCK = text("""
    SELECT customer_id FROM profiles.customers WHERE customer_id IN (:kept, :merged)
    ORDER BY customer_id FOR UPDATE
""")
CONSENTS = text("SELECT * FROM profiles.consents WHERE customer_id IN (:kept, :merged)")
#: How many ids a customer would stand for.
CLUSTER = text("SELECT 2 + count(*) FROM profiles.aliases WHERE customer_id IN (:kept, :merged)")
#: Pairs that people keep apart, of whom one is (a part of) the kept and the other of the merged customer. What they
#: said of an id that was merged since rests with the rows of that merge. A proposal is locked: nobody decides on it
#: until this merge is over.
APART = text("""
    WITH sides AS (
        SELECT id, id AS customer_id FROM unnest(ARRAY[CAST(:kept AS text), CAST(:merged AS text)]) AS id
        UNION ALL
        SELECT alias_id, customer_id FROM profiles.aliases WHERE customer_id IN (:kept, :merged)),
    proposed AS (
        SELECT first_id, second_id, status FROM profiles.candidates
        WHERE first_id = least(:kept, :merged) AND second_id = greatest(:kept, :merged) FOR UPDATE),
    decided AS (
        SELECT first_id, second_id FROM proposed WHERE status = 'rejected'
        UNION ALL
        SELECT r.content->>'first_id', r.content->>'second_id'
        FROM profiles.merges AS m JOIN profiles.merged_rows AS r USING (merge_id)
        WHERE m.customer_id IN (:kept, :merged) AND r.table_name = 'profiles.candidates'
            AND r.content->>'status' = 'rejected')
    SELECT d.first_id, d.second_id FROM decided AS d
    JOIN sides AS a ON a.id = d.first_id JOIN sides AS b ON b.id = d.second_id
    WHERE a.customer_id <> b.customer_id
""")
ADD_MERGE = text("""
    INSERT INTO profiles.merges (customer_id, kept_id, merged_id, who, why, explanation)
    VALUES (:kept, :kept, :merged, :who, :why, CAST(:explanation AS jsonb)) RETURNING merge_id
""")
ADD_ALIAS = text(
    "INSERT INTO profiles.aliases (alias_id, customer_id, merge_id) VALUES (:merged, :kept, :merge)"
)
REMOVE_ALIAS = text("DELETE FROM profiles.aliases WHERE merge_id = :merge")
#: Both customers' own rows, and since when they are in their segments.
KEEP = text(f"""
    INSERT INTO profiles.merged_rows (merge_id, table_name, column_name, act, content)
    SELECT :merge, '{_CUSTOMERS}', 'customer_id', 'kept', to_jsonb(c)
    FROM profiles.customers AS c WHERE customer_id IN (:kept, :merged)
    UNION ALL
    SELECT :merge, 'profiles.memberships', 'customer_id', 'kept', to_jsonb(m)
    FROM profiles.memberships AS m WHERE customer_id IN (:kept, :merged)
""")  # noqa: S608  (made of constants)
REMOVE_MERGED = text(f"DELETE FROM {_CUSTOMERS} WHERE customer_id = :merged RETURNING version")  # noqa: S608

ALIASES = text("SELECT alias_id FROM profiles.aliases WHERE customer_id = :kept")
MERGE = text("""
    SELECT merge_id, customer_id, kept_id, merged_id, at, who, why, explanation FROM profiles.merges
    WHERE merge_id = :merge AND undone_at IS NULL
""")
HOLDER = text("SELECT customer_id FROM profiles.merges WHERE merge_id = :merge")
LATER_MERGES = text("""
    SELECT merge_id, merged_id, explanation, why FROM profiles.merges
    WHERE customer_id = :kept AND merge_id > :merge AND undone_at IS NULL ORDER BY merge_id DESC
""")
#: The version of before would be older than what caches know.
RESTORE_MERGED = text("""
    INSERT INTO profiles.customers
    SELECT (jsonb_populate_record(NULL::profiles.customers, r.content || jsonb_build_object(
        'version', (r.content->>'version')::bigint + 1, 'updated_at', now()))).*
    FROM profiles.merged_rows AS r
    WHERE merge_id = :merge AND act = 'kept' AND table_name = 'profiles.customers'
        AND content->>'customer_id' = :merged
""")
SINCE = text("""
    UPDATE profiles.memberships AS m SET since = (r.content->>'since')::timestamptz
    FROM profiles.merged_rows AS r
    WHERE r.merge_id = :merge AND r.act = 'kept' AND r.table_name = 'profiles.memberships'
        AND m.customer_id = r.content->>'customer_id' AND m.segment = r.content->>'segment'
""")
#: Events of the merged ids that came in between belong to them.
EVENTS_BACK = text("""
    UPDATE profiles.events SET customer_id = :merged
    WHERE customer_id = :kept AND origin_id IN (
        SELECT CAST(:merged AS text) UNION SELECT alias_id FROM profiles.aliases WHERE customer_id = :merged)
    RETURNING message_id
""")
DEVICES = text("SELECT anonymous_id FROM profiles.devices WHERE customer_id IN (:kept, :merged)")
STORED_EVENTS = text("""
    SELECT message_id, origin_id, anonymous_id, kind, name, occurred_at, received_at, source, document, sealed
    FROM profiles.events WHERE message_id = ANY (CAST(:messages AS text[])) AND kind = 'track'
""")
CONTACTS_BACK = text("""
    UPDATE profiles.interactions
    SET customer_id = :merged, document = jsonb_set(document, '{customer_id}', to_jsonb(CAST(:merged AS text)))
    WHERE customer_id = :kept AND interaction_id = ANY (CAST(:contacts AS text[]))
""")
#: Who refused something while the two were one may have meant either.
REFUSALS_BACK = text("""
    INSERT INTO profiles.consents
    SELECT (jsonb_populate_record(c, jsonb_build_object('customer_id', CAST(:merged AS text)))).*
    FROM profiles.consents AS c WHERE customer_id = :kept AND NOT granted AND at > :since
    ON CONFLICT DO NOTHING
""")
EARLIEST = text("""
    UPDATE profiles.customers AS c SET signed_up_at = least(c.signed_up_at, e.at)
    FROM (SELECT customer_id, min(occurred_at) AS at FROM profiles.events
          WHERE customer_id IN (:kept, :merged) AND origin_id IS NOT NULL GROUP BY customer_id) AS e
    WHERE c.customer_id = e.customer_id AND c.facts_at = 'epoch'
""")
UNDONE = text("UPDATE profiles.merges SET undone_at = now() WHERE merge_id = :merge")
#: What was said of a customer and somebody who has become part of another one since comes back when that is undone.
LEAVE_DECISIONS = text("""
    UPDATE profiles.merged_rows AS r SET merge_id = a.merge_id
    FROM profiles.aliases AS a
    WHERE r.merge_id = :merge AND r.table_name = 'profiles.candidates'
        AND a.alias_id IN (r.content->>'first_id', r.content->>'second_id')
""")
FORGET_ROWS = text("DELETE FROM profiles.merged_rows WHERE merge_id = :merge")


def restore_kept(columns: list[str]) -> TextClause:
    """The kept customer's own columns as they were; its version goes on."""
    own = [name for name in columns if name not in ("customer_id", "version", "updated_at")]
    return text(f"""
        UPDATE profiles.customers AS c SET {", ".join(f"{name} = b.{name}" for name in own)}
        FROM profiles.merged_rows AS r, jsonb_populate_record(NULL::profiles.customers, r.content) AS b
        WHERE r.merge_id = :merge AND r.act = 'kept' AND r.table_name = 'profiles.customers'
            AND b.customer_id = :kept AND c.customer_id = :kept
    """)  # noqa: S608  (column names come from the database's catalogue)


def take(reference: Reference, *, all_rows: bool) -> TextClause:
    """Delete the merged customer's rows that can't be the kept one's as well (or all), and keep them in the log."""
    table, column = reference.table, reference.column
    beside = [
        f"EXISTS (SELECT FROM {table} AS k WHERE "
        + " AND ".join([f"k.{column} = :kept", *(f"k.{one} = m.{one}" for one in unique)])
        + ")"
        for unique in reference.uniques
    ]
    which = "true" if all_rows else " OR ".join(beside) or "false"
    return text(f"""
        WITH taken AS (
            DELETE FROM {table} AS m WHERE m.{column} = :merged AND ({which}) RETURNING to_jsonb(m) AS content)
        INSERT INTO profiles.merged_rows (merge_id, table_name, column_name, act, content)
        SELECT :merge, :table, :column, 'taken', content FROM taken
    """)  # noqa: S608


def move(reference: Reference) -> TextClause:
    """Give the merged customer's rows to the kept one, and note the key of each."""
    table, column = reference.table, reference.column
    key = ", ".join(f"'{one}', t.{one}" for one in reference.key)
    return text(f"""
        WITH moved AS (
            UPDATE {table} AS t SET {column} = :kept WHERE t.{column} = :merged
            RETURNING jsonb_build_object({key}) AS content)
        INSERT INTO profiles.merged_rows (merge_id, table_name, column_name, act, content)
        SELECT :merge, :table, :column, 'moved', content FROM moved
    """)  # noqa: S608


def move_back(reference: Reference) -> TextClause:
    """Undo `move`."""
    table, column = reference.table, reference.column
    same = " AND ".join(f"t.{one} = k.{one}" for one in reference.key)
    return text(f"""
        UPDATE {table} AS t SET {column} = :merged
        FROM profiles.merged_rows AS r, jsonb_populate_record(NULL::{table}, r.content) AS k
        WHERE r.merge_id = :merge AND r.act = 'moved' AND r.table_name = :table AND r.column_name = :column
            AND t.{column} = :kept AND {same}
    """)  # noqa: S608


def put_back(reference: Reference) -> TextClause:
    """Undo `take`."""
    return text(f"""
        INSERT INTO {reference.table} OVERRIDING SYSTEM VALUE
        SELECT (jsonb_populate_record(NULL::{reference.table}, r.content)).*
        FROM profiles.merged_rows AS r
        WHERE r.merge_id = :merge AND r.act = 'taken' AND r.table_name = :table AND r.column_name = :column
        ON CONFLICT DO NOTHING
    """)  # noqa: S608


def follow_events(reference: Reference) -> TextClause:
    """What came from an event that is the merged customer's again is theirs too."""
    table, column = reference.table, reference.column
    return text(f"""
        UPDATE {table} AS t SET {column} = :merged FROM profiles.events AS e
        WHERE t.message_id = e.message_id AND e.customer_id = :merged AND t.{column} = :kept
    """)  # noqa: S608
