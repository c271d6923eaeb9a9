"""Send items of an order back, with a reason."""

import hashlib
import re

from actions.dialogue.form import Field, yes_no
from actions.dialogue.order_form import OrderForm
from actions.orders import OPEN, card, item_names, pick_items
from actions.shop import Act, Item, Order
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


def _read_items(turn: Turn, order: Order, asked: bool) -> list[str] | None:
    """Only an answer may choose by place or price: the words that say what the form is for do not."""
    if len(order.items) == 1 or (asked and _ALL.search(turn.text)):
        return [item.sku for item in order.items]
    chosen = pick_items(
        order.items,
        text=turn.said,
        skus=turn.entities.get("product", []),
        amounts=turn.entities.get("money", []),
        by_place=asked,
    )
    return [item.sku for item in chosen] or None


def _ask_items(turn: Turn, order: Order, again: bool) -> None:
    offers = [quick_reply(item.name[:60], "inform", product=item.sku) for item in order.items]
    offers.append(quick_reply("Everything", "inform"))
    turn.say(
        "utter_choose_items",
        order_id=order.order_id,
        again=again,
        quick_replies=offers,
        cards=[card(order)],
    )


def _read_reason(turn: Turn, _order: Order, asked: bool) -> str | None:
    usual = reason_in(turn.text)
    words = turn.text.strip()
    # Any words are a reason; numbers alone or a bare "yes" are none.
    if usual is not None or not asked or len(words) <= 3:
        return usual
    return None if turn.intent == "affirm" and len(words.split()) < 3 else words[:_LONGEST_REASON]


def _ask_reason(turn: Turn, order: Order, again: bool) -> None:
    turn.say(
        "utter_ask_return_reason",
        items=item_names(_returned(turn, order)),
        again=again,
        quick_replies=[quick_reply(reason.capitalize(), "inform") for reason, _ in _REASONS[:5]],
    )


def _returned(turn: Turn, order: Order) -> list[Item]:
    return [item for item in order.items if item.sku in turn.answers.get("return_items", [])]


class ReturnItem(OrderForm):
    intent = "return_item"
    act = "send something back"
    issue = "return"
    verbs = "return|send|refund"
    rule = "return_window"
    without_order = "check_refund_policy"
    reasons = frozenset({"report_defect"})
    fields = (
        Field("return_items", "Items", _read_items, _ask_items, shown=", ".join),
        Field(
            "return_reason",
            "Reason",
            _read_reason,
            _ask_reason,
            early=lambda turn: reason_in(turn.text),
            free=True,
        ),
    )

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        return [order for order in orders if order.returnable]

    async def nothing(self, turn: Turn) -> None:
        turn.note("nothing can be returned")
        turn.say("utter_nothing_to_return")
        turn.concern(self.issue, "answered")
        turn.leave_form()

    async def advance(self, turn: Turn, asked: str | None) -> None:
        reason = reason_in(turn.text)
        # Reasons come early: "I got the wrong size" before anybody asked.
        if reason and asked in self.finds_by() and not turn.entities.keys() & self.finds_by():
            turn.answer(return_reason=reason)
            turn.note("the reason was given early")
            turn.say("utter_reason_noted", reason=reason)
            turn.remember(asked=None)  # it was of use
            await self.repeat(turn, asked)
            return
        await super().advance(turn, asked)

    async def ready(self, turn: Turn, order: Order) -> bool:
        if order.returnable:
            return True
        turn.note(f"order is {order.status}: not returnable")
        await self.refused(turn, order, "")
        turn.leave_form()
        return False

    def act_name(self, turn: Turn, order: Order) -> str:
        # Another item of the same order is another return.
        skus = ",".join(sorted(turn.answers["return_items"]))
        return f"return-{hashlib.sha256(skus.encode()).hexdigest()[:12]}:{order.order_id}"

    async def summarise(self, turn: Turn, order: Order) -> None:
        items = _returned(turn, order)
        turn.say(
            "utter_confirm_return",
            order_id=order.order_id,
            items=item_names(items),
            reason=turn.answers["return_reason"],
            amount=pounds(sum(item.price * item.quantity for item in items)),
            quick_replies=yes_no("Yes, send it back", order_id=order.order_id),
        )

    async def act_on(self, turn: Turn, order: Order, key: str) -> Act | None:
        items = _returned(turn, order)
        done = await turn.services.shop.send_back(
            order.order_id,
            turn.who,
            key,
            turn.deadline,
            reason=turn.answers["return_reason"],
            skus=[item.sku for item in items],
        )
        turn.note("return registered")
        turn.concern(self.issue, "resolved")
        turn.say(
            "utter_return_done",
            order_id=order.order_id,
            return_id=done.return_.return_id if done.return_ else None,
            items=item_names(items),
            amount=pounds(sum(item.price * item.quantity for item in items)),
            method=method(order.payment_method),
            days=turn.services.knowledge.refund_days(order.payment_method),
        )
        return done.act

    async def refused(self, turn: Turn, order: Order, detail: str) -> None:
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
