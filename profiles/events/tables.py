"""Tables of events and of what is counted of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Numeric, false, text
from sqlalchemy.orm import Mapped, mapped_column

from profiles.tables import SCHEMA, Base

_CUSTOMER = f"{SCHEMA}.customers.customer_id"


class StoredEvent(Base):
    """One applied event. It has no customer as long as nobody knows who was behind the anonymous id."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_by_customer", "customer_id", "occurred_at"),
        Index("events_of_visitors", "anonymous_id", postgresql_where=text("origin_id IS NULL")),
    )

    message_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(ForeignKey(_CUSTOMER, ondelete="CASCADE"))
    #: The `userId` as it was sent.
    origin_id: Mapped[str | None]
    anonymous_id: Mapped[str | None]
    kind: Mapped[str]
    #: Of a track event or a page.
    name: Mapped[str | None]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    source: Mapped[str]
    #: `properties`, `traits`, `context` and the other ids, as sent, without what is personal.
    document: Mapped[dict[str, Any]]
    #: Personal traits and properties, sealed for the event, so that it can get another customer as it is.
    sealed: Mapped[bytes | None]


class Device(Base):
    """An anonymous id and whose it is: the customer of the earliest login on it, else of an e-mail address."""

    __tablename__ = "devices"
    __table_args__ = (Index("devices_by_customer", "customer_id"),)

    anonymous_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey(_CUSTOMER, ondelete="CASCADE"))
    linked_at: Mapped[datetime]
    message_id: Mapped[str]
    #: Nobody has logged in on it yet; an address that was given on it tells.
    by_email: Mapped[bool] = mapped_column(server_default=false())


class DailyActivity(Base):
    """How often a customer did something on a day (UTC), and the sum of its amounts in pounds."""

    __tablename__ = "daily_activity"

    customer_id: Mapped[str] = mapped_column(ForeignKey(_CUSTOMER, ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Numeric)
    last_at: Mapped[datetime]
