"""Send items of an order back, with a reason."""

import hashlib
import re

from actions.dialogue.confirming import ConfirmingForm, yes_no
from actions.orders import OPEN, card, item_names, pick_items
from actions.shop import Item, Order
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import STATUS_WORDS, method, pounds

_REASONS = (
    ("wrong size", r"wrong size|too (big|small|large|long|short|wide|narrow)|does ?n.?t fit|size"),
    ("damaged on arrival", r"damage|dented|scratch|smashed|cracked|(arrived|came|was) broken"),
    (
        "faulty",
        r"fault|broke|defect|stopped work|(not|n.?t) (work|turn|switch|charg)|dead|works? badly|doesnt work",
    ),
    ("wrong item", r"wrong (item|product|thing|colour|color|model|one)|not what i ordered"),
    ("not as described", r"not as (described|expected|shown)|not like the|poor quality|cheap quality"),
    ("arrived too late", r"too late|arrived late|took too long"),
    (
        "changed my mind",
        r"chang\w* (my|our) mind|don.?t (want|need|like)|no longer (want|need)|unwanted|gift|regret",
    ),
)
_ALL = re.compile(r"\b(all|both|everything|whole|entire|every)\b", re.I)
_LONGEST_REASON = 200  # characters kept of a reason in the customer's own words


class ReturnItem(ConfirmingForm):
    intent = "return_item"
    act = "send something back"
    issue = "return"
    verbs = "return|send|refund"
    rule = "return_window"
    reasons = frozenset({"report_defect"})

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        return [order for order in orders if order.returnable]

    async def nothing(self, turn: Turn) -> None:
        turn.note("nothing can be returned")
        turn.say("utter_nothing_to_return")
        turn.concern(self.issue, "answered")
        turn.leave_form()

    async def _answers(self, turn: Turn, asked: str) -> bool:
        if asked != "return_items":
            return await super()._answers(turn, asked)
        order = await turn.services.shop.order(turn.slot("order_id"), turn.who, turn.deadline)
        return bool(self._chosen_items(turn, order))

    async def _advance(self, turn: Turn, asked: str | None) -> None:
        # Reasons come early: "I got the wrong size" before anybody asked.
        if asked != "return_reason" and (reason := reason_in(turn.text)) is not None:
            turn.remember(return_reason=reason)
            if asked in {"order_id", "email"} and not turn.entities.keys() & {"order_id", "email"}:
                turn.note("the reason was given early")
                turn.say("utter_reason_noted", reason=reason)
                await self._repeat(turn, asked)
                return
        await super()._advance(turn, asked)

    async def ready(self, turn: Turn, order: Order, asked: str | None) -> bool:
        if not order.returnable:
            turn.note(f"order is {order.status}: not returnable")
            self.refused(turn, order, "")
            turn.leave_form()
            return False
        return self._items_known(turn, order, asked) and self._reason_known(turn, order, asked)

    def _items_known(self, turn: Turn, order: Order, asked: str | None) -> bool:
        if turn.slot("return_items"):
            return True
        chosen = self._chosen_items(turn, order)
        if chosen:
            turn.remember(return_items=[item.sku for item in chosen])
            return True
        if asked == "return_items" and self._failed(turn):
            return False
        self._ask_items(turn, order, again=asked == "return_items")
        return False

    def _ask_items(self, turn: Turn, order: Order, *, again: bool) -> None:
        turn.remember(requested_slot="return_items")
        offers = [quick_reply(item.name[:60], "inform", product=item.sku) for item in order.items]
        offers.append(quick_reply("Everything", "inform"))
        turn.say(
            "utter_choose_items",
            order_id=order.order_id,
            again=again,
            quick_replies=offers,
            cards=[card(order)],
        )

    def _chosen_items(self, turn: Turn, order: Order) -> list[Item]:
        if len(order.items) == 1:
            return order.items
        # Only an answer may choose by place or price: the words that say what the form is for do not.
        asked = turn.slot("requested_slot") == "return_items"
        if asked and _ALL.search(turn.text):
            return order.items
        return pick_items(
            order.items,
            text=turn.text,
            skus=turn.entities.get("product", []),
            amounts=turn.entities.get("money", []),
            by_place=asked,
        )

    def _reason_known(self, turn: Turn, order: Order, asked: str | None) -> bool:
        if asked == "return_reason":
            # Any words are a reason; numbers alone or a bare "yes" are none.
            words = turn.text.strip()
            reason = reason_in(words) or (words[:_LONGEST_REASON] if len(words) > 3 else None)
            if reason is not None and not (turn.intent == "affirm" and len(words.split()) < 3):
                turn.remember(return_reason=reason)
                return True
            if self._failed(turn):
                return False
        if turn.slot("return_reason"):
            return True
        self._ask_reason(turn, order, again=asked == "return_reason")
        return False

    def _ask_reason(self, turn: Turn, order: Order, *, again: bool) -> None:
        turn.remember(requested_slot="return_reason")
        turn.say(
            "utter_ask_return_reason",
            items=item_names(self._returned(turn, order)),
            again=again,
            quick_replies=[quick_reply(reason.capitalize(), "inform") for reason, _ in _REASONS[:5]],
        )

    async def ask_again(self, turn: Turn, asked: str) -> None:
        if asked == "confirmed":
            await super().ask_again(turn, asked)
            return
        order = await turn.services.shop.order(turn.slot("order_id"), turn.who, turn.deadline)
        if asked == "return_items":
            self._ask_items(turn, order, again=True)
        else:
            self._ask_reason(turn, order, again=True)

    def act_name(self, turn: Turn) -> str:
        # Another item of the same order is another return.
        skus = ",".join(sorted(turn.slot("return_items") or []))
        return f"return-{hashlib.sha256(skus.encode()).hexdigest()[:12]}"

    def summarise(self, turn: Turn, order: Order) -> None:
        items = self._returned(turn, order)
        turn.say(
            "utter_confirm_return",
            order_id=order.order_id,
            items=item_names(items),
            reason=turn.slot("return_reason"),
            amount=pounds(sum(item.price * item.quantity for item in items)),
            quick_replies=yes_no(order.order_id, "Yes, send it back"),
        )

    def _returned(self, turn: Turn, order: Order) -> list[Item]:
        return [item for item in order.items if item.sku in (turn.slot("return_items") or [])]

    async def act_on(self, turn: Turn, order: Order, key: str) -> None:
        items = self._returned(turn, order)
        done = await turn.services.shop.send_back(
            order.order_id,
            turn.who,
            key,
            turn.deadline,
            reason=turn.slot("return_reason") or "other",
            skus=[item.sku for item in items],
        )
        registered = done.get("return") or {}
        turn.note("return registered")
        turn.concern(self.issue, "resolved")
        turn.say(
            "utter_return_done",
            order_id=order.order_id,
            return_id=registered.get("return_id"),
            items=item_names(items),
            amount=pounds(sum(item.price * item.quantity for item in items)),
            method=method(order.payment_method),
            days=turn.services.knowledge.refund_days(order.payment_method),
        )

    def refused(self, turn: Turn, order: Order, detail: str) -> None:
        turn.concern(self.issue, "answered")
        if not detail and order.status in OPEN:
            detail = "It has not been delivered yet."
        elif not detail and order.status == "delivered":
            window = turn.services.knowledge.policy["returns"]["window_days"]
            detail = f"Returns are possible for {window} days after delivery, and those are over."
        elif not detail and order.status == "return_requested":
            detail = "Its return is already registered, and we are waiting for the parcel."
        elif not detail and order.status == "returned":
            detail = "It is already back with us."
        elif not detail:
            detail = f"It is {STATUS_WORDS.get(order.status, order.status)}."
        turn.remember(offer="person_mentioned")
        turn.say("utter_cannot_return", order_id=order.order_id, detail=detail)


def reason_in(text: str) -> str | None:
    """The usual reason that the words give, if they give one."""
    return next((reason for reason, words in _REASONS if re.search(words, text, re.I)), None)
