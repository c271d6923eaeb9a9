"""What the order API says, as docs/contracts.md describes it."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field

from demo.policy import OrderStatus, PaymentMethod
from demo.records import PaymentStatus, RefundStatus
from demo.shop import rules
from demo.shop.acts import Moment
from demo.shop.addresses import Address
from demo.shop.tables import ActKind, ActRow, ItemRow, OrderRow, PaymentRow, RefundRow


class Item(BaseModel):
    """`price` in GBP, as paid for one piece."""

    sku: str
    name: str
    quantity: int
    price: float

    @classmethod
    def of(cls, row: ItemRow) -> Self:
        return cls(sku=row.sku, name=row.name, quantity=row.quantity, price=float(row.price))


class Order(BaseModel):
    order_id: str
    customer_id: str
    status: OrderStatus
    placed_at: datetime
    expected_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    carrier: str | None
    tracking_code: str | None
    items: list[Item]
    total: float
    currency: str = "GBP"
    payment_method: PaymentMethod
    cancellable: bool
    returnable: bool
    changeable: bool
    address_changeable: bool
    delivery_address: Address | None


class Act(BaseModel):
    """Something that was done, and until when it can be taken back."""

    act_id: str
    kind: ActKind
    undo_until: datetime

    @classmethod
    def of(cls, row: ActRow) -> Self:
        return cls(act_id=row.act_id, kind=row.kind, undo_until=row.undo_until)


class Payment(BaseModel):
    payment_id: str
    order_id: str
    amount: float
    status: PaymentStatus
    method: PaymentMethod
    at: datetime

    @classmethod
    def of(cls, row: PaymentRow) -> Self:
        return cls(
            payment_id=row.payment_id,
            order_id=row.order_id,
            amount=float(row.amount),
            status=row.status,
            method=row.method,
            at=row.at,
        )


class Refund(BaseModel):
    refund_id: str
    order_id: str
    amount: float
    status: RefundStatus
    method: PaymentMethod
    requested_at: datetime
    expected_at: datetime
    paid_at: datetime | None

    @classmethod
    def of(cls, row: RefundRow) -> Self:
        return cls(
            refund_id=row.refund_id,
            order_id=row.order_id,
            amount=float(row.amount),
            status=row.status,
            method=row.method,
            requested_at=row.requested_at,
            expected_at=row.expected_at,
            paid_at=row.paid_at,
        )


class Return(BaseModel):
    return_id: str
    items: list[Item]
    label_url: str
    drop_off_by: date


class ChangedOrder(Order):
    """The order after something was changed; `message` is for the customer."""

    refund: Refund | None
    return_: Return | None = Field(serialization_alias="return")
    act: Act
    message: str


class Orders(BaseModel):
    orders: list[Order]


class Payments(BaseModel):
    payments: list[Payment]


class Refunds(BaseModel):
    refunds: list[Refund]


def order(row: OrderRow, at: Moment) -> Order:
    """The order as its customer sees it."""
    sealed = row.sealed_address
    return Order(
        order_id=row.order_id,
        customer_id=row.customer_id,
        status=row.status,
        placed_at=row.placed_at,
        expected_at=row.expected_at,
        shipped_at=row.shipped_at,
        delivered_at=row.delivered_at,
        cancelled_at=row.cancelled_at,
        carrier=row.carrier,
        tracking_code=row.tracking_code,
        items=[Item.of(item) for item in row.items],
        total=float(row.total),
        payment_method=row.payment_method,
        cancellable=rules.is_cancellable(row, at.policy),
        returnable=rules.is_returnable(row, at.policy, at.now),
        changeable=row.status in at.policy.orders.change_items_while,
        address_changeable=row.status in at.policy.orders.change_address_while,
        delivery_address=at.sealer.open(f"order:{row.order_id}", sealed) if sealed else None,
    )
