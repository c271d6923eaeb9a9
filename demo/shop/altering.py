"""Another delivery address, other quantities: changes of an order that has not left the shop."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.policy import OrderStatus
from demo.shop import acts, changing, documents
from demo.shop.acts import Moment
from demo.shop.addresses import Address, checked
from demo.shop.tables import ItemRow, OrderRow
from demo.shop.wording import LONDON, day, listed, local_day, money

_TOO_LATE = {
    "packed": "It is packed and waiting for the carrier already.",
    "shipped": "It has left us already.",
    "out_for_delivery": "It is out for delivery already.",
    "delivered": "It has been delivered already.",
    "cancelled": "It is cancelled.",
    "return_requested": "It is on its way back to us.",
    "returned": "It is back with us.",
}


async def change_address(
    session: AsyncSession, order: OrderRow, address: Address, at: Moment
) -> documents.ChangedOrder:
    """Send a locked order somewhere else.

    Raises:
        Problem: 409 `not-changeable`, 422 `not-an-address`, each with a sentence for the customer.
    """
    _still(order, at.policy.orders.change_address_while)
    good = checked(address)
    before = await acts.state_of(session, order)
    order.sealed_address = at.sealer.seal(f"order:{order.order_id}", good.model_dump())
    await session.flush()
    act = await acts.record(session, "address", order.customer_id, before, at, order_id=order.order_id)
    message = f"Order {order.order_id} goes to {good.line1}, {good.city}, {good.postcode}."
    return changing.changed(order, at, act, message)


async def change_day(
    session: AsyncSession, order: OrderRow, wanted: date, at: Moment
) -> documents.ChangedOrder:
    """Let a locked order come on another day.

    Raises:
        Problem: 409 `not-changeable`, with a sentence for the customer.
    """
    _still(order, at.policy.orders.change_day_while)
    today, rules = local_day(at.now), at.policy.delivery
    first = today + timedelta(days=rules.standard.days_min)
    last = today + timedelta(days=rules.move_within_days)
    if (weekday := f"{wanted:%A}").lower() in rules.no_delivery_on:
        _refuse(f"Nothing is delivered on a {weekday}.")
    if not first <= wanted <= last:
        _refuse(f"We can bring it from {day(first, at.now)} to {day(last, at.now)}.")
    before = await acts.state_of(session, order)
    order.expected_at = datetime.combine(wanted, time(18), tzinfo=LONDON)
    await session.flush()
    act = await acts.record(session, "day", order.customer_id, before, at, order_id=order.order_id)
    message = f"Order {order.order_id} comes on {wanted:%A} {day(wanted, at.now)}."
    return changing.changed(order, at, act, message)


async def change_items(
    session: AsyncSession, order: OrderRow, wanted: dict[str, int], at: Moment
) -> documents.ChangedOrder:
    """Give lines of a locked order other quantities; 0 takes a line out.

    What was paid already goes back in part, what was only reserved is reserved anew.

    Args:
        wanted: sku → number of pieces.

    Raises:
        Problem: 409 `not-changeable`, with a sentence for the customer.
    """
    _still(order, at.policy.orders.change_items_while)
    lines = {item.sku: item for item in order.items}
    if strange := sorted(set(wanted) - set(lines)):
        _refuse(f"{listed(strange)} is not part of this order; something new needs an order of its own.")
    if all(wanted.get(sku, item.quantity) == 0 for sku, item in lines.items()):
        _refuse("Nothing would be left of the order; cancelling it is the way to do that.")
    if all(wanted.get(sku, item.quantity) == item.quantity for sku, item in lines.items()):
        _refuse("The order has exactly these quantities already.")
    _in_stock(lines, wanted, at)
    before = await acts.state_of(session, order)
    old_goods = _goods(order)
    more = any(quantity > lines[sku].quantity for sku, quantity in wanted.items())
    for sku, quantity in wanted.items():
        if quantity == 0:
            order.items.remove(lines[sku])
        else:
            lines[sku].quantity = quantity
    goods = _goods(order)
    paid = changing.charged_of(order)
    if paid > 0 and (more and goods > old_goods):
        _refuse("It is paid for already, so more of it needs an order of its own.")
    saved = order.total - goods - order.delivery_fee
    order.discount = (order.discount * goods / old_goods).quantize(Decimal("0.01"))
    order.total = goods + order.delivery_fee
    for payment in order.payments:
        if payment.status == "authorised":
            payment.amount = order.total
    message = f"Order {order.order_id} is changed; it comes to {money(order.total)} now."
    refund = None
    if paid > 0 and saved > 0:
        refund = await changing.pay_back(session, order, saved, "approved", at)
        message += f" {changing.promise(refund, at)}"
    await session.flush()
    act = await acts.record(session, "items", order.customer_id, before, at, order_id=order.order_id)
    return changing.changed(order, at, act, message, refund=refund)


def _goods(order: OrderRow) -> Decimal:
    return sum((item.price * item.quantity for item in order.items), Decimal(0))


def _in_stock(lines: dict[str, ItemRow], wanted: dict[str, int], at: Moment) -> None:
    products = at.catalogue.by_sku()
    for sku, quantity in wanted.items():
        product = products.get(sku)
        missing = quantity - lines[sku].quantity
        if missing > 0 and (product is None or product.stock < missing):
            left = product.stock if product else 0
            _refuse(f"Of {lines[sku].name} only {left} more {'is' if left == 1 else 'are'} in stock.")


def _still(order: OrderRow, states: list[OrderStatus]) -> None:
    if order.status not in states:
        _refuse(f"{_TOO_LATE.get(order.status, 'It is past that stage.')} So it can't be changed any more.")


def _refuse(detail: str) -> None:
    raise Problem(409, "not-changeable", detail)
