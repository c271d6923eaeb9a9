"""The shop's tables, as the migrations made them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import DateTime

from demo.policy import OrderStatus, PaymentMethod
from demo.records import PaymentStatus, RefundStatus

SCHEMA = {"schema": "shop"}


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: DateTime(timezone=True),
        OrderStatus: Text,
        PaymentMethod: Text,
        PaymentStatus: Text,
        RefundStatus: Text,
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

    items: Mapped[list[ItemRow]] = relationship(order_by=ItemRow.line, lazy="raise")
    payments: Mapped[list[PaymentRow]] = relationship(order_by=PaymentRow.at, lazy="raise")
    returns: Mapped[list[ReturnRow]] = relationship(order_by=ReturnRow.requested_at, lazy="raise")


class DoneRequestRow(Base):
    """A changing request that succeeded, with what it answered, by its Idempotency-Key."""

    __tablename__ = "done_requests"

    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON)
