"""One customer of the demo world with all that happened to them. Money in pence, times in UTC."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from demo.policy import OrderStatus, PaymentMethod, Tier

Purpose = Literal["service", "personalisation", "analytics", "training", "marketing"]
Issue = Literal["order", "return", "refund", "billing", "technical", "complaint", "general"]
Outcome = Literal["answered", "resolved", "open", "handed_off"]
Channel = Literal["chat", "email", "phone"]
PaymentStatus = Literal["authorised", "captured", "released", "failed", "duplicate"]
RefundStatus = Literal["requested", "approved", "paid"]
Behaviour = Literal["loyal_high_value", "bargain_hunter", "new", "power_user", "drifting_away", "casual"]

PURPOSES: tuple[Purpose, ...] = ("service", "personalisation", "analytics", "training", "marketing")


@dataclass(slots=True)
class Address:
    line1: str
    city: str
    postcode: str
    country: str = "GB"


@dataclass(slots=True)
class Consent:
    purpose: Purpose
    granted: bool
    source: str
    at: datetime
    version: str = "2026-01"


@dataclass(slots=True)
class Item:
    """`price` is what was paid for one piece, after any discount."""

    sku: str
    name: str
    quantity: int
    price: int


@dataclass(slots=True)
class Payment:
    amount: int
    status: PaymentStatus
    method: PaymentMethod
    at: datetime
    payment_id: str = ""


@dataclass(slots=True)
class Refund:
    amount: int
    status: RefundStatus
    method: PaymentMethod
    requested_at: datetime
    expected_at: datetime
    paid_at: datetime | None
    refund_id: str = ""


@dataclass(slots=True)
class Order:
    placed_at: datetime
    status: OrderStatus
    items: list[Item]
    discount: int
    delivery_fee: int
    payment_method: PaymentMethod
    carrier: str | None = None
    tracking_code: str | None = None
    expected_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    return_reason: str | None = None
    return_requested_at: datetime | None = None
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    order_id: str = ""

    @property
    def goods(self) -> int:
        return sum([item.quantity * item.price for item in self.items])

    @property
    def total(self) -> int:
        return self.goods + self.delivery_fee


@dataclass(slots=True)
class Interaction:
    """A contact with support; `order` is what it was about, if it was about one."""

    interaction_id: str
    channel: Channel
    occurred_at: datetime
    issue: Issue
    outcome: Outcome
    subject: str
    order: Order | None = None


@dataclass(slots=True)
class View:
    at: datetime
    sku: str


@dataclass(slots=True)
class Facts:
    """What the shop knows in sums about a customer; `spend_total` in pence, `engagement` 0 to 100."""

    orders_total: int
    orders_90d: int
    spend_total: int
    last_order_at: datetime | None
    last_login_at: datetime | None
    logins_30d: int
    product_views_7d: int
    engagement: float
    discount_share: float
    tickets_90d: int
    tickets_open: int


@dataclass(slots=True)
class Customer:
    """`behaviour` is the hidden truth of the generator: never part of a profile."""

    customer_id: str
    first_name: str
    last_name: str
    email: str
    phone: str
    address: Address
    birth_date: date
    tier: Tier
    signed_up_at: datetime
    preferred_channel: Channel
    behaviour: Behaviour
    consents: list[Consent]
    orders: list[Order]
    interactions: list[Interaction]
    logins: list[datetime]
    views: list[View]

    def agreed(self, purpose: Purpose) -> bool:
        """Whether the latest word on `purpose` was yes."""
        said = [consent for consent in self.consents if consent.purpose == purpose]
        return bool(said) and max(said, key=lambda consent: consent.at).granted


@dataclass(slots=True)
class World:
    """All customers as they are at `now`."""

    now: datetime
    seed: int
    customers: list[Customer]

    def number(self) -> None:
        """Give orders, payments and refunds their ids in the order in which they came about."""
        orders = sorted(
            (order for customer in self.customers for order in customer.orders if not order.order_id),
            key=lambda order: order.placed_at,
        )
        for index, order in enumerate(orders):
            order.order_id = f"RP-{FIRST_ORDER + index:06d}"
        every = [order for customer in self.customers for order in customer.orders]
        payments = sorted((p for order in every for p in order.payments), key=lambda payment: payment.at)
        for index, payment in enumerate(payments):
            payment.payment_id = f"PM-{FIRST_PAYMENT + index:07d}"
        refunds = sorted(
            (r for order in every for r in order.refunds), key=lambda refund: refund.requested_at
        )
        for index, refund in enumerate(refunds):
            refund.refund_id = f"RF-{FIRST_REFUND + index:06d}"


#: Below it are the orders of the personas, whose numbers stand in data/demo/personas.yml.
FIRST_ORDER = 110_000
FIRST_PAYMENT = 1_000_000
FIRST_REFUND = 100_000


def days(count: float) -> timedelta:
    return timedelta(days=count)


def iso(moment: datetime | None) -> str | None:
    """UTC with a Z and whole seconds: the same text for the same moment."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def pounds(pence: int) -> float:
    return round(pence / 100, 2)
