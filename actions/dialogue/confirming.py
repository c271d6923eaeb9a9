"""Forms that change something: summarise, ask, act once."""

from actions.dialogue import signs, verdict
from actions.dialogue.form import OrderForm
from actions.shop import Order, OrderNotFound, Refused, ShopUnavailable
from actions.turn import Turn
from actions.variants.schema import quick_reply


class ConfirmingForm(OrderForm):
    verbs: str

    async def ready(self, turn: Turn, order: Order, asked: str | None) -> bool:
        """Whether all is known that the act needs; else it has asked for it, or ended the form."""
        raise NotImplementedError

    def summarise(self, turn: Turn, order: Order) -> None:
        """Say what would be done and ask whether to do it."""
        raise NotImplementedError

    def act_name(self, turn: Turn) -> str:
        """What is done, in the idempotency key: the same name for the same order is the same act."""
        raise NotImplementedError

    async def act_on(self, turn: Turn, order: Order, key: str) -> None:
        """Do it, and say what happens next.

        Args:
            key: the idempotency key of this act.
        """
        raise NotImplementedError

    def refused(self, turn: Turn, order: Order, detail: str) -> None:
        """The shop will not do it."""
        raise NotImplementedError

    async def proceed(self, turn: Turn, order: Order, asked: str | None) -> None:
        same = order.order_id == turn.slot("order_id")
        if asked == "confirmed" and same:
            if signs.says_yes(turn) or verdict.accepts(turn.text, self.verbs):
                await self._act(turn, order)
            elif not self._failed(turn):
                await self.ask_again(turn, asked)
            return
        if asked is not None and not same and turn.slot("order_id") is not None:
            turn.note("another order was named: summarised again")
        turn.remember(order_id=order.order_id)
        if await self.ready(turn, order, asked):
            turn.remember(requested_slot="confirmed")
            self.summarise(turn, order)

    async def ask_again(self, turn: Turn, asked: str) -> None:
        order_id = turn.slot("order_id")
        turn.say("utter_ask_confirm_again", order_id=order_id, quick_replies=yes_no(order_id, "Yes"))

    async def _act(self, turn: Turn, order: Order) -> None:
        if not await turn.services.owner_is_still(turn.conversation_id, turn.owner_epoch):
            # Somebody else speaks now, or nobody can tell: neither act nor speak over them.
            turn.note(f"{self.intent}: the owner changed, nothing was done")
            turn.leave_form()
            return
        key = f"{turn.conversation_id}:{self.act_name(turn)}:{order.order_id}"
        try:
            await self.act_on(turn, order, key)
        except Refused as refusal:
            turn.note(f"{self.intent}: refused by the shop")
            self.refused(turn, order, str(refusal))
        except OrderNotFound:
            self.refused(turn, order, "The order can't be found any more.")
        except ShopUnavailable:
            # It may have gone through. The form stays, and the key makes another yes harmless.
            turn.note(f"{self.intent}: shop unavailable while acting, kept for another yes")
            turn.concern(self.issue, "open")
            turn.say(
                "utter_shop_unavailable",
                changing=True,
                quick_replies=[quick_reply("Try again", "affirm", order_id=order.order_id)],
            )
            return
        turn.leave_form()


def yes_no(order_id: str, yes: str) -> list[dict[str, object]]:
    """Quick replies of a confirmation; the yes names its order, so that an old button can't confirm another."""
    return [quick_reply(yes, "affirm", order_id=order_id), quick_reply("No, leave it", "deny")]
