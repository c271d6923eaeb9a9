"""Trainers: masked messages, decisions about them, and who did what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "training"
NOW = sa.text("now()")


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=NOW)


def _conversation() -> sa.Column[object]:
    return sa.Column(
        "conversation_id",
        sa.Uuid,
        sa.ForeignKey("chat.conversations.id", ondelete="CASCADE"),
        primary_key=True,
    )


def _review() -> sa.Column[object]:
    return sa.Column(
        "review_id",
        sa.Uuid,
        sa.ForeignKey(f"{SCHEMA}.reviews.review_id", ondelete="CASCADE"),
        nullable=False,
    )


def upgrade() -> None:
    op.create_index("turns_newest", "turns", ["created_at"], schema="chat")
    op.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    op.create_table(
        "messages",
        _conversation(),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("draft", sa.Text, nullable=False),
        sa.Column("spans", JSONB, nullable=False),
        _time("masked_at"),
        schema=SCHEMA,
    )
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.Uuid, primary_key=True),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("intent", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("utterances", JSONB, nullable=False),
        sa.Column("comment", sa.Text, nullable=False, server_default=""),
        sa.Column("understood_as", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        _time("decided_at"),
        sa.Column("written_at", sa.DateTime(timezone=True)),
        sa.Column("written_by", sa.Text),
        sa.CheckConstraint("action IN ('accept', 'correct', 'drop')", name="reviews_action"),
        sa.CheckConstraint("action = 'drop' OR intent IS NOT NULL", name="reviews_intent"),
        schema=SCHEMA,
    )
    op.create_index("reviews_decided", "reviews", ["decided_at"], schema=SCHEMA)
    op.create_table("review_forms", sa.Column("form", sa.Text, primary_key=True), _review(), schema=SCHEMA)
    op.create_table(
        "review_messages",
        _conversation(),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        _review(),
        schema=SCHEMA,
    )
    op.create_index("review_messages_review", "review_messages", ["review_id"], schema=SCHEMA)
    _audit()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        _time("at"),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("details", JSONB, nullable=False),
        schema=SCHEMA,
    )
    op.execute(
        """
        CREATE FUNCTION training.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit log is only ever added to'; END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON training.audit
        FOR EACH STATEMENT EXECUTE FUNCTION training.refuse_change()
        """
    )


def downgrade() -> None:
    for table in ("audit", "review_messages", "review_forms", "reviews", "messages"):
        op.drop_table(table, schema=SCHEMA)
    op.execute("DROP FUNCTION training.refuse_change()")
    op.execute(f"DROP SCHEMA {SCHEMA}")
    op.drop_index("turns_newest", "turns", schema="chat")
