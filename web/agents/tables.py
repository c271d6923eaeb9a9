"""Tables of the agents, in schema `chat` beside the conversations. Migration 0004 creates what is described here."""

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    event,
)

from web.chat.tables import metadata, of_conversation, stamp

staff = Table(
    "staff",
    metadata,
    Column("staff_id", Uuid, primary_key=True),
    # What one signs in with; `display_name` is what customers read.
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("disabled_at", DateTime(timezone=True)),
    stamp("created_at"),
    CheckConstraint("role IN ('agent', 'trainer', 'admin')", name="staff_role"),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    # SHA-256 of the token, which is itself nowhere kept.
    Column("token_hash", LargeBinary, primary_key=True),
    Column("staff_id", Uuid, ForeignKey("chat.staff.staff_id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    stamp("created_at"),
    Index("staff_sessions_staff", "staff_id"),
)

notes = Table(
    "notes",
    metadata,
    Column("note_id", Uuid, primary_key=True),
    of_conversation(),
    Column("staff_id", Uuid, ForeignKey("chat.staff.staff_id"), nullable=False),
    Column("text", Text, nullable=False),
    stamp("created_at"),
    Index("notes_conversation", "conversation_id", "created_at"),
)

#: Customers' messages that an agent holds to be misread; `intent` is what the agent takes them for.
marks = Table(
    "marks",
    metadata,
    of_conversation(primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("staff_id", Uuid, ForeignKey("chat.staff.staff_id"), nullable=False),
    Column("intent", Text),
    Column("comment", Text),
    stamp("created_at"),
    Index("marks_newest", "created_at"),
)

#: Who looked at what and did what. No reference to other tables: nothing takes an entry away.
audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    stamp("at"),
    Column("staff_id", Uuid),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("conversation_id", Uuid),
    Column("customer_id", Text),
    Column("reason", Text),
    Index("audit_conversation", "conversation_id", "at"),
    Index("audit_customer", "customer_id", "at"),
)

for _statement in (
    """
    CREATE OR REPLACE FUNCTION chat.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is only ever added to'; END $$
    """,
    # An erasure may take out whom an entry is about, and nothing else.
    """
    CREATE OR REPLACE FUNCTION chat.refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('rapport.erasing', true) = 'on' AND TG_LEVEL = 'STATEMENT' THEN
            RETURN NULL;
        END IF;
        IF current_setting('rapport.erasing', true) = 'on'
            AND to_jsonb(OLD) - ARRAY['customer_id', 'reason'] = to_jsonb(NEW) - ARRAY['customer_id', 'reason']
            AND NEW.customer_id ~ '^[a-z2-7]{24}$' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'the audit log is only ever added to';
    END $$
    """,
    """
    CREATE TRIGGER audit_append_only BEFORE DELETE OR TRUNCATE ON chat.audit
    FOR EACH STATEMENT EXECUTE FUNCTION chat.refuse_change()
    """,
    """
    CREATE TRIGGER audit_changed_by_erasure_only_statement BEFORE UPDATE ON chat.audit
    FOR EACH STATEMENT EXECUTE FUNCTION chat.refuse_change_but_erasure()
    """,
    """
    CREATE TRIGGER audit_changed_by_erasure_only_row BEFORE UPDATE ON chat.audit
    FOR EACH ROW EXECUTE FUNCTION chat.refuse_change_but_erasure()
    """,
):
    event.listen(audit, "after_create", DDL(_statement))  # type: ignore[no-untyped-call]
