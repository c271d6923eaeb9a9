"""Staff and their sessions, what the agents' list shows of a conversation, notes, marks, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "chat"
NOW = sa.text("now()")


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=NOW)


def _conversation(*, primary_key: bool = False) -> sa.Column[object]:
    return sa.Column(
        "conversation_id",
        sa.Uuid,
        sa.ForeignKey(f"{SCHEMA}.conversations.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )


def _staff() -> sa.Column[object]:
    return sa.Column("staff_id", sa.Uuid, sa.ForeignKey(f"{SCHEMA}.staff.staff_id"), nullable=False)


def upgrade() -> None:
    _staff_tables()
    _list_columns()
    _notes_and_marks()
    _audit()


def _staff_tables() -> None:
    op.create_table(
        "staff",
        sa.Column("staff_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True)),
        _time("created_at"),
        sa.CheckConstraint("role IN ('agent', 'trainer', 'admin')", name="staff_role"),
        schema=SCHEMA,
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column(
            "staff_id",
            sa.Uuid,
            sa.ForeignKey(f"{SCHEMA}.staff.staff_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _time("created_at"),
        schema=SCHEMA,
    )
    op.create_index("staff_sessions_staff", "staff_sessions", ["staff_id"], schema=SCHEMA)


def _list_columns() -> None:
    for column in (
        sa.Column("agent_id", sa.Uuid, sa.ForeignKey(f"{SCHEMA}.staff.staff_id")),
        sa.Column("customer_name", sa.Text),
        sa.Column("segment", sa.Text),
        sa.Column("mood", sa.Text),
        sa.Column("angry", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("intent", sa.Text),
        sa.Column("waiting_since", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text),
    ):
        op.add_column("conversations", column, schema=SCHEMA)
    op.execute("UPDATE chat.conversations SET waiting_since = updated_at WHERE owner = 'queued'")
    op.execute(
        """
        CREATE INDEX conversations_inbox ON chat.conversations (
          (CASE owner WHEN 'queued' THEN 0 WHEN 'closed' THEN 2 ELSE 1 END), (NOT angry),
          (coalesce(waiting_since, 'infinity'::timestamptz)), updated_at DESC, id DESC)
        """
    )
    op.create_index("conversations_owner", "conversations", ["owner"], schema=SCHEMA)
    op.execute(
        "CREATE INDEX events_text ON chat.events USING gin (to_tsvector('english'::regconfig, payload ->> 'text')) "
        "WHERE type = 'message'"
    )


def _notes_and_marks() -> None:
    op.create_table(
        "notes",
        sa.Column("note_id", sa.Uuid, primary_key=True),
        _conversation(),
        _staff(),
        sa.Column("text", sa.Text, nullable=False),
        _time("created_at"),
        schema=SCHEMA,
    )
    op.create_index("notes_conversation", "notes", ["conversation_id", "created_at"], schema=SCHEMA)
    op.create_table(
        "marks",
        _conversation(primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        _staff(),
        sa.Column("intent", sa.Text),
        sa.Column("comment", sa.Text),
        _time("created_at"),
        schema=SCHEMA,
    )
    op.create_index("marks_newest", "marks", ["created_at"], schema=SCHEMA)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        _time("at"),
        sa.Column("staff_id", sa.Uuid),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Uuid),
        sa.Column("customer_id", sa.Text),
        sa.Column("reason", sa.Text),
        schema=SCHEMA,
    )
    op.create_index("audit_conversation", "audit", ["conversation_id", "at"], schema=SCHEMA)
    op.create_index("audit_customer", "audit", ["customer_id", "at"], schema=SCHEMA)
    op.execute(
        """
        CREATE FUNCTION chat.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit log is only ever added to'; END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON chat.audit
        FOR EACH STATEMENT EXECUTE FUNCTION chat.refuse_change()
        """
    )


def downgrade() -> None:
    for table in ("audit", "marks", "notes", "staff_sessions"):
        op.drop_table(table, schema=SCHEMA)
    op.execute("DROP FUNCTION chat.refuse_change()")
    op.drop_index("events_text", "events", schema=SCHEMA)
    op.drop_index("conversations_inbox", "conversations", schema=SCHEMA)
    op.drop_index("conversations_owner", "conversations", schema=SCHEMA)
    for column in (
        "agent_id",
        "customer_name",
        "segment",
        "mood",
        "angry",
        "intent",
        "waiting_since",
        "outcome",
    ):
        op.drop_column("conversations", column, schema=SCHEMA)
    op.drop_table("staff", schema=SCHEMA)
