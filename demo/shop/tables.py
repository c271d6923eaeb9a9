"""The shop's tables, as the migrations made them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import DateTime

from demo.policy import OrderStatus, PaymentMethod, Topic
from demo.records import PaymentStatus, RefundStatus

SCHEMA = {"schema": "shop"}

ActKind = Literal[
    "cancel",
    "day",
    "return",
    "address",
    "items",
    "case",
    "add_address",
    "default_address",
    "change",
    "close",
    "newsletter",
]
CaseKind = Literal["defect", "warranty"]
CaseStatus = Literal["open", "withdrawn", "closed"]
Remedy = Literal["repair", "replacement", "refund"]
Detail = Literal["email", "phone", "name"]


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: DateTime(timezone=True),
        OrderStatus: Text,
        PaymentMethod: Text,
        PaymentStatus: Text,
        RefundStatus: Text,
        ActKind: Text,
        CaseKind: Text,
        CaseStatus: Text,
        Remedy: Text,
        Detail: Text,
        Topic: Text,
    }
    __table_args__ = SCHEMA


class CustomerRow(Base):
    __tablename__ = "customers"

    customer_id: Mapped[str] = mapped_column(primary_key=True)
    email_hash: Mapped[bytes]


class ItemRow(Base):
    """`price` is what was paid for one piece."""

    __tablename__ = "order_items"

    order_id: Mapped[str] = mapped_column(ForeignKey("shop.orders.order_id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]
    price: Mapped[Decimal]


class ReturnRow(Base):
    __tablename__ = "returns"

    return_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("shop.orders.order_id"))
    skus: Mapped[list[str]] = mapped_column(JSONB)
    reason: Mapped[str | None]
    requested_at: Mapped[datetime]


class PaymentRow(Base):
    __tablename__ = "payments"

    payment_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("shop.orders.order_id"))
    amount: Mapped[Decimal]
    status: Mapped[PaymentStatus]
    method: Mapped[PaymentMethod]
    at: Mapped[datetime]


class RefundRow(Base):
    __tablename__ = "refunds"

    refund_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("shop.orders.order_id"))
    amount: Mapped[Decimal]
    status: Mapped[RefundStatus]
    method: Mapped[PaymentMethod]
    requested_at: Mapped[datetime]
    expected_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]


class OrderRow(Base):
    __tablename__ = "orders"

    order_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("shop.customers.customer_id"))
    status: Mapped[OrderStatus]
    total: Mapped[Decimal]
    delivery_fee: Mapped[Decimal]
    discount: Mapped[Decimal]
    payment_method: Mapped[PaymentMethod]
    carrier: Mapped[str | None]
    tracking_code: Mapped[str | None]
    placed_at: Mapped[datetime]
    expected_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    sealed_address: Mapped[bytes | None]

    items: Mapped[list[ItemRow]] = relationship(
        order_by=ItemRow.line, lazy="raise", cascade="all, delete-orphan"
    )
    payments: Mapped[list[PaymentRow]] = relationship(order_by=PaymentRow.at, lazy="raise")
    returns: Mapped[list[ReturnRow]] = relationship(
        order_by=ReturnRow.requested_at, lazy="raise", cascade="all, delete-orphan"
    )


class DoneRequestRow(Base):
    """A changing request that succeeded, with what it answered, by its Idempotency-Key."""

    __tablename__ = "done_requests"

    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    sealed_document: Mapped[bytes | None]


class ActRow(Base):
    """Something that was done for a customer; `sealed_before` is what undoing goes back to."""

    __tablename__ = "acts"

    act_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[ActKind]
    customer_id: Mapped[str] = mapped_column(ForeignKey("shop.customers.customer_id"))
    order_id: Mapped[str | None] = mapped_column(ForeignKey("shop.orders.order_id"))
    sealed_before: Mapped[bytes]
    done_at: Mapped[datetime]
    undo_until: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class CaseRow(Base):
    """A defect or a claim on the warranty, and what the customer would like done."""

    __tablename__ = "cases"

    case_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("shop.orders.order_id"))
    sku: Mapped[str]
    kind: Mapped[CaseKind]
    problem: Mapped[str]
    remedy: Mapped[Remedy]
    status: Mapped[CaseStatus]
    opened_at: Mapped[datetime]
    answer_by: Mapped[date]


class AccountRow(Base):
    """`closing_on` is the day on which a closed account is gone for good."""

    __tablename__ = "accounts"

    customer_id: Mapped[str] = mapped_column(ForeignKey("shop.customers.customer_id"), primary_key=True)
    sealed_name: Mapped[bytes]
    sealed_email: Mapped[bytes]
    sealed_phone: Mapped[bytes]
    created_at: Mapped[datetime]
    closing_on: Mapped[date | None]


class AddressRow(Base):
    __tablename__ = "addresses"

    address_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("shop.customers.customer_id"))
    label: Mapped[str | None]
    sealed_address: Mapped[bytes]
    is_default: Mapped[bool]
    added_at: Mapped[datetime]


class SubscriptionRow(Base):
    """Who gets the newsletter of a topic."""

    __tablename__ = "subscriptions"

    email_hash: Mapped[bytes] = mapped_column(primary_key=True)
    topic: Mapped[Topic] = mapped_column(primary_key=True)
    since: Mapped[datetime]


class AccountChangeRow(Base):
    """A change of contact details that waits for its link to be followed, was made, or was stopped."""

    __tablename__ = "account_changes"

    change_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("shop.customers.customer_id"))
    field: Mapped[Detail]
    sealed_value: Mapped[bytes]
    asked_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    done_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]


class LinkRow(Base):
    """A link that was mailed; only the hash of its token is kept."""

    __tablename__ = "links"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str]
    about: Mapped[dict[str, Any]] = mapped_column(JSONB)
    valid_until: Mapped[datetime]
    used_at: Mapped[datetime | None]


class MessageRow(Base):
    """An e-mail that a real shop would send. The demo sends none: this table is where they end."""

    __tablename__ = "outbox"

    message_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    recipient_hash: Mapped[bytes]
    sealed_message: Mapped[bytes]
    at: Mapped[datetime]
