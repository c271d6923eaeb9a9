"""The tables of schema `profiles`. `migrations/versions` makes them; a test holds the two equal."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    MetaData,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "profiles"
ROLES_SQL = (
    "role IN ('read', 'write', 'collect', 'customer', 'agent', 'trainer', 'analyst', 'admin', 'service')"
)


class Base(DeclarativeBase):
    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads it from the class)
        str: Text,
        int: BigInteger,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


def _customer_key(*, primary_key: bool = False) -> Mapped[str]:
    key = ForeignKey(f"{SCHEMA}.customers.customer_id", ondelete="CASCADE")
    return mapped_column(key, primary_key=primary_key)


class Customer(Base):
    """One customer. `bytes` fields are sealed by `crypto.Vault`; the `_index` fields are its blind index."""

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("tier IN ('standard', 'silver', 'gold')", name="customers_tier"),
        Index("customers_email_index", "email_index"),
        Index("customers_phone_index", "phone_index"),
    )

    customer_id: Mapped[str] = mapped_column(primary_key=True)
    #: Grows with each change of anything that a view shows.
    version: Mapped[int] = mapped_column(server_default="1")
    tier: Mapped[str] = mapped_column(server_default="standard")
    first_name: Mapped[str | None]
    preferred_channel: Mapped[str | None]
    signed_up_at: Mapped[datetime]
    last_name: Mapped[bytes | None]
    email: Mapped[bytes | None]
    phone: Mapped[bytes | None]
    address: Mapped[bytes | None]
    birth_date: Mapped[bytes | None]
    email_index: Mapped[bytes | None]
    phone_index: Mapped[bytes | None]
    #: What the shop said about the customer, as of `facts_at`.
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    facts_at: Mapped[datetime] = mapped_column(server_default=func.now())
    #: Facts and what follows from interactions (`attributes.derive`).
    attributes: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    #: What counts of the dynamic attributes that others may see, and when some of it expires (`traits.settle`).
    traits: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    traits_until: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Consent(Base):
    """One statement of a customer about one purpose. The latest of a purpose counts; earlier ones are proof."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint(
            "purpose IN ('service', 'personalisation', 'analytics', 'training', 'marketing')",
            name="consents_purpose",
        ),
    )

    customer_id: Mapped[str] = _customer_key(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    granted: Mapped[bool]
    #: Where it was said, such as `sign-up form`.
    source: Mapped[str]
    #: Which wording was agreed to.
    version: Mapped[str]
    expires_at: Mapped[datetime | None]


class StoredInteraction(Base):
    """One contact, as a JSON document: channel, issue, outcome, conversation, summary."""

    __tablename__ = "interactions"
    __table_args__ = (Index("interactions_by_customer", "customer_id", text("occurred_at DESC")),)

    interaction_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = _customer_key()
    occurred_at: Mapped[datetime]
    document: Mapped[dict[str, Any]]


class Membership(Base):
    """A customer is in a segment now, and since when."""

    __tablename__ = "memberships"
    __table_args__ = (Index("memberships_by_segment", "segment"),)

    customer_id: Mapped[str] = _customer_key(primary_key=True)
    segment: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(server_default=func.now())


class Invalidation(Base):
    """A committed write whose cached views are still to be deleted from Redis."""

    __tablename__ = "invalidations"

    customer_id: Mapped[str] = _customer_key(primary_key=True)
    version: Mapped[int]
    #: The stale copies go too: they may show what consent no longer covers.
    forget_stale: Mapped[bool]


class ApiKey(Base):
    """A caller of the API; the key itself is not kept."""

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint(ROLES_SQL, name="api_keys_role"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
