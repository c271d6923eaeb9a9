"""Conversations: their owner, events in order, turns of the bot, buttons, and what profiles must still hear."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "chat"
NOW = sa.text("now()")


def _time(name: str, *, default: bool = True) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=not default, server_default=NOW if default else None
    )


def _conversation(*, primary_key: bool = False) -> sa.Column[object]:
    return sa.Column(
        "conversation_id",
        sa.Uuid,
        sa.ForeignKey(f"{SCHEMA}.conversations.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Text),
        sa.Column("owner", sa.Text, nullable=False, server_default="bot"),
        sa.Column("epoch", sa.Integer, nullable=False, server_default="1"),
        sa.Column("last_seq", sa.Integer, nullable=False, server_default="0"),
        sa.Column("attention", sa.Text),
        _time("created_at"),
        _time("updated_at"),
        sa.CheckConstraint("owner IN ('bot', 'queued', 'agent', 'closed')", name="conversations_owner"),
        schema=SCHEMA,
    )
    op.create_index("conversations_customer", "conversations", ["customer_id"], schema=SCHEMA)
    op.create_table(
        "events",
        _conversation(primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("client_id", sa.Text),
        sa.Column("turn_id", sa.Uuid),
        _time("created_at"),
        sa.CheckConstraint("type IN ('message', 'owner')", name="events_type"),
        sa.CheckConstraint("role IN ('customer', 'bot', 'agent', 'system')", name="events_role"),
        schema=SCHEMA,
    )
    op.create_index(
        "events_client_id",
        "events",
        ["conversation_id", "client_id"],
        unique=True,
        postgresql_where=sa.text("client_id IS NOT NULL"),
        schema=SCHEMA,
    )
    op.create_index("events_turn", "events", ["turn_id"], schema=SCHEMA)
    op.create_table(
        "turns",
        sa.Column("turn_id", sa.Uuid, primary_key=True),
        _conversation(),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("command", JSONB),
        sa.Column("status", sa.Text, nullable=False, server_default="pending"),
        sa.Column("process", sa.Text, nullable=False),
        sa.Column("epoch", sa.Integer),
        sa.Column("committed", sa.Boolean),
        sa.Column("failure", sa.Text),
        sa.Column("parse", JSONB),
        sa.Column("decision", JSONB),
        sa.Column("replies", JSONB),
        sa.Column("models", JSONB),
        sa.Column("milliseconds", JSONB),
        _time("created_at"),
        _time("finished_at", default=False),
        sa.CheckConstraint(
            "status IN ('pending', 'answered', 'failed', 'dropped', 'skipped')", name="turns_status"
        ),
        schema=SCHEMA,
    )
    op.create_index("turns_order", "turns", ["conversation_id", "seq"], unique=True, schema=SCHEMA)
    op.create_index(
        "turns_pending",
        "turns",
        ["conversation_id", "seq"],
        postgresql_where=sa.text("status = 'pending'"),
        schema=SCHEMA,
    )
    op.create_table(
        "quick_replies",
        sa.Column("id", sa.Text, primary_key=True),
        _conversation(),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("command", JSONB, nullable=False),
        _time("created_at"),
        schema=SCHEMA,
    )
    op.create_index("quick_replies_conversation", "quick_replies", ["conversation_id"], schema=SCHEMA)
    op.create_table(
        "outbox",
        _conversation(primary_key=True),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("refused", sa.Text),
        _time("next_attempt_at"),
        _time("created_at"),
        schema=SCHEMA,
    )
    op.create_index(
        "outbox_due",
        "outbox",
        ["next_attempt_at"],
        postgresql_where=sa.text("refused IS NULL"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("outbox", "quick_replies", "turns", "events", "conversations"):
        op.drop_table(table, schema=SCHEMA)
