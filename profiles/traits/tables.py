"""Tables of traits: every value that was sent, the published schemas, and what could not be kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, desc, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from profiles.tables import SCHEMA, Base

_CUSTOMER = f"{SCHEMA}.customers.customer_id"


class Trait(Base):
    """One value of one attribute, as a source sent it in a message. None of them is ever changed."""

    __tablename__ = "traits"
    __table_args__ = (
        Index("traits_newest", "customer_id", "name", "source", desc("at"), desc("message_id")),
        Index("traits_that_expire", "expires_at", postgresql_where="expires_at IS NOT NULL"),
        Index("traits_by_blind_index", "name", "blind_index", postgresql_where="blind_index IS NOT NULL"),
    )

    message_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey(_CUSTOMER, ondelete="CASCADE"))
    source: Mapped[str]
    #: When it was true, by the message's own timestamp.
    at: Mapped[datetime]
    #: None when it is sealed, or when the source took its word back.
    value: Mapped[Any | None] = mapped_column(JSONB)
    #: The value of a sensitive attribute, as JSON, sealed for `sealed_for` and the attribute's name.
    sealed: Mapped[bytes | None]
    sealed_for: Mapped[str | None]
    #: Of an e-mail address or a phone number, as in customers.
    blind_index: Mapped[bytes | None]
    #: After this it is as if it had not been said.
    expires_at: Mapped[datetime | None]
    #: On what terms a partner let us have it.
    licence: Mapped[str | None]


class PublishedSchema(Base):
    """One version of the declared attributes and the source matrix; the highest is in force."""

    __tablename__ = "attribute_schemas"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]
    #: The earlier version whose content this is, when one was gone back to.
    restores: Mapped[int | None]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_by: Mapped[str]
    #: When all customers had been brought up to date with it.
    followed_at: Mapped[datetime | None]


class Stray(Base):
    """A key, as one source sent it, whose values could not be kept; counted and profiled without them."""

    __tablename__ = "stray_traits"

    name: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    #: `unknown`, `wrong type`, `not allowed` or `not from this source`.
    reason: Mapped[str] = mapped_column(primary_key=True)
    seen: Mapped[int]
    #: How often by type of the value.
    types: Mapped[dict[str, Any]]
    #: A few values, masked.
    examples: Mapped[list[str]] = mapped_column(ARRAY(Text))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class TraitMessages(Base):
    """How many messages with traits each source has sent: what the share of a stray key is of."""

    __tablename__ = "trait_messages"

    source: Mapped[str] = mapped_column(primary_key=True)
    seen: Mapped[int]


class RejectedKey(Base):
    """An unknown key that a person does not want as an attribute; it is still not kept, and no more proposed."""

    __tablename__ = "rejected_keys"

    name: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str]
    rejected_at: Mapped[datetime] = mapped_column(server_default=func.now())
