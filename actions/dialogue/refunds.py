"""Money back: the way to it, and where it is."""

from actions.dialogue.order_form import OrderForm
from actions.orders import OPEN, card, item_names, pounds_value
from actions.shop import Order, Refund
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import day, method, pounds


class GetRefund(OrderForm):
    intent = "get_refund"
    act = "get your money back"
    issue = "refund"
    rule = "refund_wait"
    reasons = frozenset({"report_defect"})

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        return [order for order in orders if order.cancellable or order.returnable]

    async def nothing(self, turn: Turn) -> None:
        turn.say("utter_nothing_to_return")
        turn.concern(self.issue, "answered")
        turn.leave_form()

    async def complete(self, turn: Turn, order: Order, asked: str | None) -> None:
        way, offer, offers = self._way(order)
        turn.note(f"way to the money: {way}")
        turn.remember(offer=offer)
        turn.concern(self.issue, "answered")
        turn.say(
            "utter_get_refund",
            order_id=order.order_id,
            way=way,
            items=item_names(order.items),
            total=pounds(order.total),
            days=turn.services.knowledge.refund_days(order.payment_method),
            quick_replies=offers,
            cards=[card(order)],
        )
        turn.leave_form()

    @staticmethod
    def _way(order: Order) -> tuple[str, str, list[dict[str, object]]]:
        if order.cancellable:
            offer = quick_reply("Cancel the order", "cancel_order", order_id=order.order_id)
            return "cancel", "cancel_order", [offer]
        if order.returnable:
            return (
                "return",
                "return_item",
                [quick_reply("Send it back", "return_item", order_id=order.order_id)],
            )
        if order.status in {"cancelled", "return_requested", "returned"}:
            offer = quick_reply("Where is my refund?", "track_refund", order_id=order.order_id)
            return "underway", "track_refund", [offer]
        if order.status in OPEN:
            return "after_delivery", "person_mentioned", []
        return "too_late", "person", [quick_reply("Talk to a person", "contact_human_agent")]


class TrackRefund(OrderForm):
    intent = "track_refund"
    act = "find a refund"
    issue = "refund"
    rule = "refund_wait"

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        refunds = await turn.services.shop.refunds(turn.who, None, turn.deadline)
        waiting = {refund.order_id for refund in refunds if refund.status != "paid"}
        wanted = waiting or {refund.order_id for refund in refunds}
        amounts = {pounds_value(amount) for amount in turn.entities.get("money", [])}
        named = {refund.order_id for refund in refunds if refund.amount in amounts}
        return [order for order in orders if order.order_id in (named or wanted)]

    async def nothing(self, turn: Turn) -> None:
        turn.note("no refund on record")
        turn.concern(self.issue, "answered")
        turn.say(
            "utter_no_refund", order_id=None, quick_replies=[quick_reply("Ask for a refund", "get_refund")]
        )
        turn.remember(offer="get_refund")
        turn.leave_form()

    async def complete(self, turn: Turn, order: Order, asked: str | None) -> None:
        refunds = await turn.services.shop.refunds(turn.who, order.order_id, turn.deadline)
        turn.concern(self.issue, "answered")
        if not refunds:
            turn.note("no refund for this order")
            turn.remember(offer="get_refund")
            ask = quick_reply("Ask for a refund", "get_refund", order_id=order.order_id)
            turn.say("utter_no_refund", order_id=order.order_id, quick_replies=[ask])
        for refund in refunds:
            turn.note(f"refund is {refund.status}")
            self._show(turn, refund)
        turn.leave_form()

    @staticmethod
    def _show(turn: Turn, refund: Refund) -> None:
        turn.say(
            "utter_refund_status",
            order_id=refund.order_id,
            refund_id=refund.refund_id,
            amount=pounds(refund.amount),
            status=refund.status,
            method=method(refund.method),
            expected=day(refund.expected_at),
            paid=day(refund.paid_at),
        )
