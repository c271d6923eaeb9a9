"""The durable record, in PostgreSQL's schema `chat`. Migrations 0003 and 0004 create what is described here."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(schema="chat")


def stamp(name: str) -> Column[object]:
    """A column of the time at which a row was written."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def of_conversation(primary_key: bool = False) -> Column[object]:
    """The conversation that a row belongs to, and with which it goes."""
    return Column(
        "conversation_id",
        Uuid,
        ForeignKey("chat.conversations.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )


conversations = Table(
    "conversations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Text),
    Column("owner", Text, nullable=False, server_default="bot"),
    Column("epoch", Integer, nullable=False, server_default="1"),
    Column("last_seq", Integer, nullable=False, server_default="0"),
    # Why agents should look at it, such as `bot_late`; null when nothing is the matter.
    Column("attention", Text),
    # The rest is what the agents' list shows and sorts by, kept up to date with each turn and each change of owner.
    # Whose conversation it is, or was when it was closed.
    Column("agent_id", Uuid, ForeignKey("chat.staff.staff_id")),
    Column("customer_name", Text),
    Column("segment", Text),
    Column("mood", Text),
    # From the first angry message until the customer has calmed down.
    Column("angry", Boolean, nullable=False, server_default=text("false")),
    Column("intent", Text),
    # Since when the customer has been waiting for a person.
    Column("waiting_since", DateTime(timezone=True)),
    # How an agent closed it.
    Column("outcome", Text),
    stamp("created_at"),
    stamp("updated_at"),
    CheckConstraint("owner IN ('bot', 'queued', 'agent', 'closed')", name="conversations_owner"),
    Index("conversations_customer", "customer_id"),
    Index("conversations_owner", "owner"),
    # The order of the agents' list (web/agents/inbox.py).
    Index(
        "conversations_inbox",
        text("(CASE owner WHEN 'queued' THEN 0 WHEN 'closed' THEN 2 ELSE 1 END)"),
        text("(NOT angry)"),
        text("(coalesce(waiting_since, 'infinity'::timestamptz))"),
        text("updated_at DESC"),
        text("id DESC"),
    ),
)

events = Table(
    "events",
    metadata,
    of_conversation(primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("client_id", Text),
    Column("turn_id", Uuid),
    stamp("created_at"),
    CheckConstraint("type IN ('message', 'owner')", name="events_type"),
    CheckConstraint("role IN ('customer', 'bot', 'agent', 'system')", name="events_role"),
    # Posting is idempotent by the client's own id.
    Index(
        "events_client_id",
        "conversation_id",
        "client_id",
        unique=True,
        postgresql_where=text("client_id IS NOT NULL"),
    ),
    Index("events_turn", "turn_id"),
    Index(
        "events_text",
        text("to_tsvector('english'::regconfig, payload ->> 'text')"),
        postgresql_using="gin",
        postgresql_where=text("type = 'message'"),
    ),
)

turns = Table(
    "turns",
    metadata,
    Column("turn_id", Uuid, primary_key=True),
    of_conversation(),
    # The customer's message that the turn answers; 0 for the opening turn.
    Column("seq", Integer, nullable=False),
    # Set when a quick reply or the server itself says what is meant.
    Column("command", JSONB),
    Column("status", Text, nullable=False, server_default="pending"),
    # The web process that works on it; another takes over when that one is gone.
    Column("process", Text, nullable=False),
    Column("epoch", Integer),
    Column("committed", Boolean),
    Column("failure", Text),
    Column("parse", JSONB),
    Column("decision", JSONB),
    Column("replies", JSONB),
    Column("models", JSONB),
    Column("milliseconds", JSONB),
    stamp("created_at"),
    Column("finished_at", DateTime(timezone=True)),
    CheckConstraint("status IN ('pending', 'answered', 'failed', 'dropped', 'skipped')", name="turns_status"),
    Index("turns_order", "conversation_id", "seq", unique=True),
    # Trainers read the newest.
    Index("turns_newest", "created_at"),
    Index("turns_pending", "conversation_id", "seq", postgresql_where=text("status = 'pending'")),
)

quick_replies = Table(
    "quick_replies",
    metadata,
    Column("id", Text, primary_key=True),
    of_conversation(),
    Column("title", Text, nullable=False),
    Column("command", JSONB, nullable=False),
    stamp("created_at"),
    Index("quick_replies_conversation", "conversation_id"),
)

#: What the profile service has heard or must still hear of: one row a conversation, the newest state of it.
outbox = Table(
    "outbox",
    metadata,
    of_conversation(primary_key=True),
    Column("payload", JSONB, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # Set when the profile service refused it for good; kept for people to look at.
    Column("refused", Text),
    # `infinity` once it was sent.
    stamp("next_attempt_at"),
    stamp("created_at"),
    Index("outbox_due", "next_attempt_at", postgresql_where=text("refused IS NULL")),
)
