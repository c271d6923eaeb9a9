"""What trainers decided, in PostgreSQL's schema `training`. Migration 0005 creates what is described here.

Nothing here holds a customer's words as they were written: texts are masked, utterances hold made-up values.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from web.chat.tables import conversations, stamp

metadata = MetaData(schema="training")


def _conversation() -> Column[object]:
    # A conversation that is erased takes what was kept of its messages with it.
    return Column(
        "conversation_id", Uuid, ForeignKey(conversations.c.id, ondelete="CASCADE"), primary_key=True
    )


#: Messages as they may be shown: masked once, by the model that served then.
messages = Table(
    "messages",
    metadata,
    _conversation(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    # The same as an utterance to learn, with made-up values in the place of what is masked.
    Column("draft", Text, nullable=False),
    # Entities in `text`: a list of [entity, start, end].
    Column("spans", JSONB, nullable=False),
    stamp("masked_at"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("review_id", Uuid, primary_key=True),
    Column("action", Text, nullable=False),
    Column("intent", Text),
    Column("text", Text, nullable=False),
    Column("utterances", JSONB, nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
    Column("understood_as", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("decided_by", Text, nullable=False),
    stamp("decided_at"),
    # Set when the utterances are in the data; then nothing is undone here any more.
    Column("written_at", DateTime(timezone=True)),
    Column("written_by", Text),
    CheckConstraint("action IN ('accept', 'correct', 'drop')", name="reviews_action"),
    CheckConstraint("action = 'drop' OR intent IS NOT NULL", name="reviews_intent"),
    Index("reviews_decided", "decided_at"),
)


def _review(primary_key: bool = False) -> Column[object]:
    return Column(
        "review_id",
        Uuid,
        ForeignKey("training.reviews.review_id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )


#: Normal forms that were decided: a message of such a form does not come back.
review_forms = Table("review_forms", metadata, Column("form", Text, primary_key=True), _review())

#: The messages from which a decision came: whose customers must still let them be used when it is written.
review_messages = Table(
    "review_messages",
    metadata,
    _conversation(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _review(),
    Index("review_messages_review", "review_id"),
)

#: Who did what. A trigger sees to it that nothing takes an entry away; `details` hold ids and numbers, never a customer's words.
audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    stamp("at"),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("details", JSONB, nullable=False),
)
