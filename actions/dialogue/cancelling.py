"""Cancel an order that has not left the shop."""

from actions.dialogue.form import yes_no
from actions.dialogue.order_form import OrderForm
from actions.orders import card, item_names
from actions.shop import Act, Order
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import STATUS_WORDS, day, method, pounds


class CancelOrder(OrderForm):
    intent = "cancel_order"
    act = "cancel an order"
    verbs = "cancel"

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        return [order for order in orders if order.cancellable]

    async def nothing(self, turn: Turn) -> None:
        turn.note("no order can be cancelled")
        turn.say("utter_nothing_to_cancel", quick_replies=[quick_reply("Send something back", "return_item")])
        turn.remember(offer="return_item")
        turn.concern(self.issue, "answered")
        turn.leave_form()

    async def ready(self, turn: Turn, order: Order) -> bool:
        if order.cancellable:
            return True
        if order.status == "cancelled":
            await self._already(turn, order)
            return False
        turn.note(f"order is {order.status}: not cancellable")
        await self.refused(turn, order, f"The order is {STATUS_WORDS.get(order.status, order.status)}.")
        turn.leave_form()
        return False

    async def _already(self, turn: Turn, order: Order) -> None:
        """It was cancelled before: say so, and where the money is."""
        turn.note("order was cancelled before")
        turn.concern(self.issue, "answered")
        refunds = await turn.services.shop.refunds(turn.who, order.order_id, turn.deadline)
        refund = refunds[0] if refunds else None
        turn.say(
            "utter_already_cancelled",
            order_id=order.order_id,
            amount=pounds(refund.amount) if refund else None,
            method=method(refund.method) if refund else None,
            status=refund.status if refund else None,
            expected=day(refund.expected_at) if refund else None,
            paid=day(refund.paid_at) if refund else None,
        )
        turn.leave_form()

    def act_name(self, turn: Turn, order: Order) -> str:
        return f"cancel:{order.order_id}"

    async def summarise(self, turn: Turn, order: Order) -> None:
        turn.say(
            "utter_confirm_cancel",
            order_id=order.order_id,
            items=item_names(order.items),
            total=pounds(order.total),
            method=method(order.payment_method),
            cards=[card(order)],
            quick_replies=yes_no("Yes, cancel it", order_id=order.order_id),
        )

    async def act_on(self, turn: Turn, order: Order, key: str) -> Act | None:
        done = await turn.services.shop.cancel(order.order_id, turn.who, key, turn.deadline)
        turn.note("order cancelled")
        turn.concern(self.issue, "resolved")
        turn.say(
            "utter_cancel_done",
            order_id=order.order_id,
            total=pounds(order.total),
            method=method(order.payment_method),
            charged=done.refund is not None,
            days=turn.services.knowledge.refund_days(order.payment_method),
        )
        return done.act

    async def refused(self, turn: Turn, order: Order, detail: str) -> None:
        turn.concern(self.issue, "answered")
        offers = []
        if order.returnable:
            offers.append(quick_reply("Send it back", "return_item", order_id=order.order_id))
            turn.remember(offer="return_item")
        turn.say(
            "utter_cannot_cancel",
            order_id=order.order_id,
            detail=detail,
            returnable=order.returnable,
            quick_replies=offers,
        )
