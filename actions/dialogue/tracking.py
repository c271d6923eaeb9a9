"""Where is my order: the status of one order."""

from datetime import UTC, datetime

from actions.dialogue.order_form import OrderForm
from actions.orders import OPEN, card, item_names
from actions.shop import Order
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import STATUS_WORDS, day


class TrackOrder(OrderForm):
    intent = "track_order"
    act = "track an order"

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        on_their_way = [order for order in orders if order.status in OPEN]
        return on_their_way or orders[:1]

    async def nothing(self, turn: Turn) -> None:
        turn.say("utter_no_orders", act=self.act)
        turn.leave_form()

    async def complete(self, turn: Turn, order: Order, asked: str | None) -> None:
        turn.note("order status told")
        turn.concern(self.issue, "answered")
        show_status(turn, order)
        turn.leave_form()


def show_status(turn: Turn, order: Order) -> None:
    """The status of an order, with its card and what may be done about it."""
    late = order.status in OPEN and order.expected_at is not None and order.expected_at < datetime.now(UTC)
    offers = []
    if order.cancellable:
        offers.append(quick_reply("Cancel this order", "cancel_order", order_id=order.order_id))
    if order.returnable:
        offers.append(quick_reply("Send something back", "return_item", order_id=order.order_id))
    turn.say(
        "utter_order_status",
        order_id=order.order_id,
        status=STATUS_WORDS.get(order.status, order.status),
        items=item_names(order.items),
        carrier=order.carrier,
        tracking_code=order.tracking_code,
        placed=day(order.placed_at),
        expected=day(order.expected_at) if order.status in OPEN else None,
        delivered=day(order.delivered_at),
        late=late,
        cards=[card(order)],
        quick_replies=offers,
    )
