"""The SQL of the conversation record. Each write is one statement: one trip, one transaction."""

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB


def _statement(sql: str, *json: str) -> TextClause:
    return text(sql).bindparams(*(bindparam(name, type_=JSONB(none_as_null=True)) for name in json))


# A conversation that already exists is left as it is: the statement may run twice.
CREATE_CONVERSATION = _statement(
    """
    WITH conversation AS (
      INSERT INTO chat.conversations (id, customer_id) VALUES (:id, :customer_id)
      ON CONFLICT (id) DO NOTHING RETURNING id, epoch
    )
    INSERT INTO chat.turns (turn_id, conversation_id, seq, command, process, epoch)
    SELECT :turn_id, id, 0, :command, :process, epoch FROM conversation
    """,
    "command",
)

# The update locks the conversation, so that sequence numbers have neither gaps nor twins. A client_id that
# is already there gives no row; one that arrives twice at the same moment breaks the unique index instead.
# Without an earlier turn under way, the new one is claimed at once. That is known for certain only if nothing
# was stored between the moment that `seen` shows, as it shows the turns, and the locking update.
STORE_MESSAGE = _statement(
    """
    WITH seen AS (
      SELECT last_seq, EXISTS (
        SELECT FROM chat.turns WHERE conversation_id = :id AND status = 'pending') AS is_busy
      FROM chat.conversations WHERE id = :id
    ), conversation AS (
      UPDATE chat.conversations
      SET last_seq = last_seq + 1, updated_at = now(),
          waiting_since = CASE WHEN owner = 'agent' THEN coalesce(waiting_since, now()) ELSE waiting_since END
      WHERE id = :id AND owner <> 'closed' AND NOT EXISTS (
        SELECT FROM chat.events WHERE conversation_id = :id AND client_id = :client_id)
      RETURNING id, last_seq, owner, epoch, customer_id
    ), placed AS (
      SELECT conversation.*, NOT seen.is_busy AND seen.last_seq + 1 = conversation.last_seq AS is_claimed
      FROM conversation, seen
    ), turn AS (
      INSERT INTO chat.turns (turn_id, conversation_id, seq, command, process, epoch)
      SELECT :turn_id, id, last_seq, :command, :process, CASE WHEN is_claimed THEN epoch END
      FROM placed WHERE owner IN ('bot', 'queued')
      RETURNING turn_id
    ), event AS (
      INSERT INTO chat.events (conversation_id, seq, type, role, payload, client_id, turn_id)
      SELECT id, last_seq, 'message', 'customer', :payload, :client_id, (SELECT turn_id FROM turn)
      FROM conversation RETURNING created_at
    )
    SELECT last_seq AS seq, owner, epoch, customer_id, is_claimed, event.created_at AS at FROM placed, event
    """,
    "payload",
    "command",
)

# A turn begins only when no earlier one of its conversation is under way, in whatever process.
CLAIM_TURN = _statement(
    """
    UPDATE chat.turns AS turn SET epoch = conversation.epoch, process = :process
    FROM chat.conversations AS conversation
    WHERE turn.turn_id = :turn_id AND turn.status = 'pending' AND conversation.id = turn.conversation_id
      AND NOT EXISTS (
        SELECT FROM chat.turns AS earlier
        WHERE earlier.conversation_id = turn.conversation_id
          AND earlier.seq < turn.seq AND earlier.status = 'pending')
    RETURNING conversation.owner, conversation.epoch, conversation.customer_id
    """
)

# Nothing is stored under an outdated epoch: the turn is then dropped, whatever the bot said. The profile service
# hears of a conversation only what it has not heard yet, and a little later: what follows at once goes with it.
# An angry customer has calmed down with a positive message or the second neutral one in a row.
FINISH_TURN = _statement(
    """
    WITH turn AS (
      SELECT turn_id, conversation_id FROM chat.turns
      WHERE turn_id = :turn_id AND status = 'pending' FOR UPDATE
    ), conversation AS (
      UPDATE chat.conversations AS conversation
      SET last_seq = last_seq + jsonb_array_length(:events), owner = :owner, epoch = :epoch_after,
          attention = coalesce(:attention, attention), updated_at = now(),
          waiting_since = CASE WHEN :owner = 'queued' THEN coalesce(waiting_since, now()) END,
          intent = coalesce(:intent, intent), mood = coalesce(:mood, mood),
          angry = CASE WHEN CAST(:mood AS text) = 'angry' THEN true
                       WHEN CAST(:mood AS text) = 'positive' THEN false
                       WHEN CAST(:mood AS text) = 'neutral' AND mood = 'neutral' THEN false
                       ELSE angry END,
          customer_name = coalesce(:customer_name, customer_name),
          segment = CASE WHEN :segment_known THEN :segment ELSE segment END
      FROM turn
      WHERE conversation.id = turn.conversation_id AND conversation.epoch = :epoch
      RETURNING conversation.id, last_seq - jsonb_array_length(:events) AS before
    ), finished AS (
      UPDATE chat.turns
      SET status = CASE WHEN EXISTS (SELECT FROM conversation) THEN :status ELSE 'dropped' END,
          committed = :committed, failure = :failure, parse = :parse, decision = :decision,
          replies = :replies, models = :models, milliseconds = :milliseconds, finished_at = now()
      WHERE turn_id = (SELECT turn_id FROM turn)
    ), stored AS (
      INSERT INTO chat.events (conversation_id, seq, type, role, payload, turn_id)
      SELECT id, before + place, event ->> 'type', event ->> 'role', event -> 'payload', :turn_id
      FROM conversation, jsonb_array_elements(:events) WITH ORDINALITY AS item (event, place)
      RETURNING seq, created_at
    ), offered AS (
      INSERT INTO chat.quick_replies (id, conversation_id, title, command)
      SELECT offer ->> 'id', id, offer ->> 'title', offer -> 'command'
      FROM conversation, jsonb_array_elements(:offers) AS offer
    ), interaction AS (
      INSERT INTO chat.outbox (conversation_id, payload, next_attempt_at)
      SELECT id, :interaction, now() + interval '2 seconds'
      FROM conversation WHERE CAST(:interaction AS jsonb) IS NOT NULL
      ON CONFLICT (conversation_id) DO UPDATE
      SET payload = excluded.payload, revision = outbox.revision + 1, attempts = 0, refused = NULL,
          next_attempt_at = CASE WHEN outbox.attempts = 0 THEN outbox.next_attempt_at
                                 ELSE excluded.next_attempt_at END
      WHERE outbox.payload - 'occurred_at' <> excluded.payload - 'occurred_at'
    )
    SELECT seq, created_at AS at FROM stored ORDER BY seq
    """,
    "events",
    "offers",
    "parse",
    "decision",
    "replies",
    "models",
    "milliseconds",
    "interaction",
)

SKIP_TURN = _statement(
    """
    UPDATE chat.turns SET status = 'skipped', failure = :failure, finished_at = now()
    WHERE turn_id = :turn_id AND status = 'pending'
    """
)

# What an agent does is in the audit log or not done. A conversation that is handed back gets a turn, whose place is
# that of the event; the profile service hears how one was closed, in place of what it heard before.
CHANGE_OWNER = _statement(
    """
    WITH conversation AS (
      UPDATE chat.conversations
      SET owner = :owner, epoch = epoch + 1, last_seq = last_seq + 1, updated_at = now(),
          agent_id = CASE :owner WHEN 'agent' THEN CAST(:staff_id AS uuid) WHEN 'closed' THEN agent_id END,
          waiting_since = CASE WHEN :owner = 'queued' THEN coalesce(waiting_since, now()) END,
          attention = CASE WHEN :owner IN ('bot', 'closed') THEN NULL ELSE attention END,
          angry = angry AND :owner <> 'closed',
          outcome = :outcome
      WHERE id = :id AND epoch = :epoch RETURNING id, last_seq, epoch, customer_id
    ), turn AS (
      INSERT INTO chat.turns (turn_id, conversation_id, seq, command, process)
      SELECT CAST(:turn_id AS uuid), id, last_seq, :command, :process
      FROM conversation WHERE CAST(:turn_id AS uuid) IS NOT NULL
    ), audit AS (
      INSERT INTO chat.audit (who, action, staff_id, conversation_id, customer_id, reason)
      SELECT :who, :action, CAST(:staff_id AS uuid), id, customer_id, CAST(:outcome AS text)
      FROM conversation WHERE CAST(:who AS text) IS NOT NULL
    ), interaction AS (
      INSERT INTO chat.outbox (conversation_id, payload)
      SELECT id, jsonb_build_object(
          'interaction_id', id, 'conversation_id', id, 'customer_id', customer_id, 'channel', 'chat',
          'issue', 'general', 'summary', jsonb_build_object(),
          'occurred_at', now(), 'outcome', CAST(:interaction_outcome AS text))
      FROM conversation
      WHERE CAST(:interaction_outcome AS text) IS NOT NULL AND customer_id IS NOT NULL
      ON CONFLICT (conversation_id) DO UPDATE
      SET payload = outbox.payload || jsonb_build_object(
            'outcome', excluded.payload -> 'outcome', 'occurred_at', excluded.payload -> 'occurred_at'),
          revision = outbox.revision + 1, attempts = 0, refused = NULL, next_attempt_at = now()
    )
    INSERT INTO chat.events (conversation_id, seq, type, role, payload, turn_id)
    SELECT id, last_seq, 'owner', 'system', :payload, CAST(:turn_id AS uuid) FROM conversation
    RETURNING seq, created_at AS at
    """,
    "payload",
    "command",
)

# Turns whose process is gone, and turns of this process that it no longer works on.
ORPHANED_TURNS = _statement(
    """
    SELECT turn.turn_id, turn.conversation_id, turn.seq, turn.command, event.payload ->> 'text' AS text,
           turn.created_at < now() - make_interval(secs => :too_old) AS too_old
    FROM chat.turns AS turn
    LEFT JOIN chat.events AS event ON event.conversation_id = turn.conversation_id AND event.seq = turn.seq
    WHERE turn.status = 'pending' AND turn.created_at < now() - interval '1 second'
      AND (turn.process = :process
           OR (:alive_known AND turn.process <> ALL (CAST(:alive AS text[]))))
    ORDER BY turn.conversation_id, turn.seq LIMIT 500
    """
)

# Taking an entry leases it for half a minute to this process. How long the customer waited for the first answer, by
# whom ever, is looked up when it is sent: it never changes once there is an answer, so it makes no entry new.
TAKE_FROM_OUTBOX = _statement(
    """
    WITH taken AS (
      UPDATE chat.outbox SET attempts = attempts + 1, next_attempt_at = now() + interval '30 seconds'
      WHERE conversation_id IN (
        SELECT conversation_id FROM chat.outbox WHERE refused IS NULL AND next_attempt_at <= now()
        ORDER BY next_attempt_at LIMIT 20 FOR UPDATE SKIP LOCKED)
      RETURNING conversation_id, payload, revision, attempts
    )
    SELECT conversation_id, revision, attempts,
           payload || jsonb_build_object('response_seconds', waited.seconds) AS payload
    FROM taken LEFT JOIN LATERAL (
      SELECT greatest(0, round(extract(epoch FROM answer.created_at - question.created_at), 3)) AS seconds
      FROM (
        SELECT seq, created_at FROM chat.events
        WHERE conversation_id = taken.conversation_id AND type = 'message' AND role = 'customer'
        ORDER BY seq LIMIT 1) AS question, LATERAL (
        SELECT created_at FROM chat.events
        WHERE conversation_id = taken.conversation_id AND type = 'message' AND role IN ('bot', 'agent')
          AND seq > question.seq
        ORDER BY seq LIMIT 1) AS answer
    ) AS waited ON true
    """
)
