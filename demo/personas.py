"""The eight fixed customers of the demo: read from `data/demo/personas.yml`, turned into the same records."""

import uuid
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from demo.catalogue import Catalogue, Product, Sku
from demo.content import DATA, Content, read
from demo.generator.delivery import refund
from demo.policy import OrderStatus, PaymentMethod, Policy, Tier
from demo.records import (
    Address,
    Behaviour,
    Channel,
    Consent,
    Customer,
    Interaction,
    Issue,
    Item,
    Order,
    Outcome,
    Payment,
    Purpose,
    Refund,
    View,
    days,
)

PERSONAS = DATA / "demo" / "personas.yml"

DaysAgo = Annotated[float, Field(ge=0)]
OrderId = Annotated[str, Field(pattern=r"^RP-10[0-9]{4}$")]


class Line(Content):
    sku: Sku
    quantity: int = 1


class PersonaReturn(Content):
    requested_days_ago: DaysAgo
    reason: str
    approved_days_ago: DaysAgo


class PersonaOrder(Content):
    """`expected_in_days` is negative for a day that has passed."""

    order_id: OrderId
    days_ago: DaysAgo
    status: OrderStatus
    payment_method: PaymentMethod
    items: list[Line]
    discount_percent: int = 0
    expected_in_days: int
    shipped_days_ago: DaysAgo | None = None
    delivered_days_ago: DaysAgo | None = None
    carrier: str | None = None
    tracking_code: str | None = None
    duplicate_charge: bool = False
    return_: PersonaReturn | None = Field(default=None, alias="return")


class Earlier(Content):
    """Delivered orders of long ago, evenly spread, one piece of the basket each in turn."""

    orders: int
    from_days_ago: int
    to_days_ago: int
    discounted: int
    basket: list[Sku]


class Activity(Content):
    logins_30d: int
    product_views_7d: int
    last_login_days_ago: DaysAgo
    viewed: list[Sku]


class PersonaInteraction(Content):
    days_ago: DaysAgo
    channel: Channel
    issue: Issue
    outcome: Outcome
    subject: str
    order_id: OrderId | None = None


class PersonaAddress(Content):
    line1: str
    city: str
    postcode: str


class Persona(Content):
    customer_id: Annotated[str, Field(pattern=r"^C\d{6}$")]
    name: str
    special: str
    behaviour: Behaviour
    email: str
    phone: str
    address: PersonaAddress
    birth_date: date
    tier: Tier
    signed_up_days_ago: int
    preferred_channel: Channel
    consents: dict[Purpose, bool]
    orders: list[PersonaOrder]
    earlier: Earlier | None = None
    activity: Activity
    interactions: list[PersonaInteraction]

    @model_validator(mode="after")
    def _interactions_are_about_own_orders(self) -> Self:
        own = {order.order_id for order in self.orders}
        if strange := [i.order_id for i in self.interactions if i.order_id and i.order_id not in own]:
            raise ValueError(f"{self.customer_id}: interactions about orders of nobody: {strange}")
        return self


class Personas(Content):
    version: Literal[1]
    personas: list[Persona]


def load_personas() -> Personas:
    """Read the personas.

    Raises:
        ValueError: the file does not fit.
    """
    return read(PERSONAS, Personas)


def persona_customer(persona: Persona, now: datetime, catalogue: Catalogue, policy: Policy) -> Customer:
    """The persona as a customer of the world that is at `now`."""
    consents: dict[Purpose, bool] = {"service": True, **persona.consents}
    first, _, last = persona.name.partition(" ")
    products = catalogue.by_sku()
    signed_up = now - timedelta(days=persona.signed_up_days_ago) + timedelta(hours=9)
    told = {order.order_id: _order(order, now, products, policy) for order in persona.orders}
    earlier = _earlier(persona.earlier, now, products) if persona.earlier else []
    orders = sorted([*earlier, *told.values()], key=lambda order: order.placed_at)
    return Customer(
        customer_id=persona.customer_id,
        first_name=first,
        last_name=last,
        email=persona.email,
        phone=persona.phone,
        address=Address(persona.address.line1, persona.address.city, persona.address.postcode),
        birth_date=persona.birth_date,
        tier=persona.tier,
        signed_up_at=signed_up,
        preferred_channel=persona.preferred_channel,
        behaviour=persona.behaviour,
        consents=[Consent(purpose, granted, "sign-up", signed_up) for purpose, granted in consents.items()],
        orders=orders,
        interactions=[
            Interaction(
                interaction_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{persona.customer_id}/{index}")),
                channel=told_interaction.channel,
                occurred_at=now - days(told_interaction.days_ago) + timedelta(hours=10),
                issue=told_interaction.issue,
                outcome=told_interaction.outcome,
                subject=told_interaction.subject,
                order=told.get(told_interaction.order_id or ""),
            )
            for index, told_interaction in enumerate(persona.interactions)
        ],
        logins=_logins(persona.activity, signed_up, now),
        views=_views(persona.activity, signed_up, now),
    )


def _order(told: PersonaOrder, now: datetime, products: dict[str, Product], policy: Policy) -> Order:
    placed = now - days(told.days_ago)
    items, saved = [], 0
    for line in told.items:
        product = products[line.sku]
        price = round(product.pence * (100 - told.discount_percent) / 100)
        saved += (product.pence - price) * line.quantity
        items.append(Item(product.sku, product.name, line.quantity, price))
    goods = sum(item.price * item.quantity for item in items)
    terms = policy.delivery
    fee = 0 if goods >= terms.free_from * 100 else round(terms.standard.fee * 100)
    order = Order(placed, told.status, items, saved, fee, told.payment_method, order_id=told.order_id)
    order.carrier, order.tracking_code = told.carrier, told.tracking_code
    order.expected_at = now + timedelta(days=told.expected_in_days, hours=18)
    order.shipped_at = None if told.shipped_days_ago is None else now - days(told.shipped_days_ago)
    order.delivered_at = None if told.delivered_days_ago is None else now - days(told.delivered_days_ago)
    order.payments = _payments(told, order, placed)
    if told.return_ is not None:
        order.return_requested_at = now - days(told.return_.requested_days_ago)
        order.return_reason = told.return_.reason
        order.refunds = [_refund(told.return_, order, now, policy)]
    return order


def _payments(told: PersonaOrder, order: Order, placed: datetime) -> list[Payment]:
    method = told.payment_method
    charged = {"card": order.shipped_at, "invoice": order.delivered_at}.get(method, placed)
    if charged is None:
        return [Payment(order.total, "authorised", method, placed)]
    payments = [Payment(order.total, "captured", method, charged)]
    if told.duplicate_charge:
        payments.append(Payment(order.total, "duplicate", method, charged + timedelta(minutes=3)))
    return payments


def _refund(told: PersonaReturn, order: Order, now: datetime, policy: Policy) -> Refund:
    requested = now - days(told.requested_days_ago)
    return refund(order, order.total, requested, now - days(told.approved_days_ago), now=now, policy=policy)


def _earlier(earlier: Earlier, now: datetime, products: dict[str, Product]) -> list[Order]:
    orders = []
    for index in range(earlier.orders):
        part = index / max(1, earlier.orders - 1)
        ago = earlier.from_days_ago + (earlier.to_days_ago - earlier.from_days_ago) * part
        placed = (now - days(ago)).replace(hour=19, minute=index % 60, second=0, microsecond=0)
        product = products[earlier.basket[index % len(earlier.basket)]]
        price = round(product.pence * 0.85) if index < earlier.discounted else product.pence
        item = Item(product.sku, product.name, 1, price)
        order = Order(placed, "delivered", [item], product.pence - price, 0, "card")
        order.carrier, order.tracking_code = "Parcelwright", f"PW{placed:%y%m%d%H}GB"
        order.shipped_at, order.delivered_at = placed + timedelta(days=1), placed + timedelta(days=3)
        order.expected_at = placed + timedelta(days=4)
        order.payments = [Payment(order.total, "captured", "card", order.shipped_at)]
        orders.append(order)
    return orders


def _logins(activity: Activity, signed_up: datetime, now: datetime) -> list[datetime]:
    last = now - days(activity.last_login_days_ago)
    step = max(timedelta(), last - max(signed_up, now - days(29.5))) / max(1, activity.logins_30d)
    recent = [last - step * index for index in range(activity.logins_30d)]
    return sorted(recent) or [last]


def _views(activity: Activity, signed_up: datetime, now: datetime) -> list[View]:
    newest = now - days(min(6.0, activity.last_login_days_ago))
    step = (newest - max(signed_up, now - days(6.9))) / max(1, activity.product_views_7d)
    return [
        View(newest - step * index, activity.viewed[index % len(activity.viewed)])
        for index in reversed(range(activity.product_views_7d))
    ]
