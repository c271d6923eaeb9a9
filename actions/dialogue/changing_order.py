"""Change an order that is still here: how many of a thing, a thing less, or another delivery day."""

import re
from datetime import UTC, date, datetime, timedelta

from actions.days_ahead import day_ahead
from actions.dialogue import signs
from actions.dialogue.form import Field, NotUsable, yes_no
from actions.dialogue.order_form import OrderForm
from actions.orders import card, pick_items
from actions.quantities import quantity_meant
from actions.shop import Act, Item, Order
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import STATUS_WORDS, day

#: What can be changed, by words that ask for it. What is found first counts.
_CHANGES = (
    (
        "day",
        re.compile(
            r"\b(deliver(y|ed)?|arrive|come|bring it|day|date|reschedul\w*|postpone|later|earlier|sooner)\b",
            re.I,
        ),
    ),
    (
        "other",
        re.compile(
            r"""\b(colou?rs?|swap|exchange|replace|different\ (model|size|one|item|product|thing|version)|bigger|smaller|upgrade
            |gift\ ?wrap\w*|promo|voucher|discount|pay(ment)?|name\ on)\b""",
            re.I | re.X,
        ),
    ),
    (
        "remove",
        re.compile(
            r"""\b(remove|tak(e|en|ing)\ (\w+\ ){0,4}(out|off)|without\ the|drop\ the|leave\ (\w+\ ){0,3}(out|off)|delete|get\ rid\ of
            |(don.?t|no\ longer)\ (want|need)\ (the|one)|less\ the)\b""",
            re.I | re.X,
        ),
    ),
    (
        "quantity",
        re.compile(
            r"\b(quantit\w+|more|fewer|less|another|extra|additional|how many|number of|double|pieces?|too many|too few)\b",
            re.I,
        ),
    ),
)


def _read_change(turn: Turn, order: Order, asked: bool) -> str | None:
    if "change" in turn.answers and not asked and not signs.corrects(turn.text):
        return None
    change = next((change for change, words in _CHANGES if words.search(turn.said)), None)
    if change is None and quantity_meant(turn.said, 1, asked=False) is not None:
        change = "quantity"
    if change is None and day_ahead(turn.said, [], _today()) is not None:
        change = "day"
    ordered = {item.sku for item in order.items}
    named = set(turn.entities.get("product", []))
    if change == "quantity" and named and not named & ordered:
        change = "other"  # something that is not in the order
    if change in {"quantity", "remove"} and not order.changeable:
        raise NotUsable("utter_only_day_now", status=STATUS_WORDS.get(order.status, order.status))
    return change


def _ask_change(turn: Turn, order: Order, again: bool) -> None:
    offers = [quick_reply("Another delivery day", "inform")]
    if order.changeable:
        offers.insert(0, quick_reply("More or fewer of something", "inform"))
        if len(order.items) > 1:
            offers.insert(1, quick_reply("Take something out", "inform"))
    turn.say(
        "utter_ask_change",
        order_id=order.order_id,
        items_too=order.changeable,
        again=again,
        cards=[card(order)],
        quick_replies=offers,
    )


def _read_item(turn: Turn, order: Order, asked: bool) -> str | None:
    if len(order.items) == 1:
        return order.items[0].sku
    marked = turn.entities.get("product", [])
    named = pick_items(order.items, text=turn.said, skus=marked, amounts=[], by_place=asked)
    return named[0].sku if len(named) == 1 else None


def _ask_item(turn: Turn, order: Order, again: bool) -> None:
    offers = [quick_reply(item.name[:60], "inform", product=item.sku) for item in order.items]
    turn.say("utter_ask_which_item", order_id=order.order_id, again=again, quick_replies=offers)


def _read_quantity(turn: Turn, order: Order, asked: bool) -> int | None:
    item = _item(turn, order)
    if item is None:  # "make it three" says enough even so; "one more" does not
        wanted = {quantity_meant(turn.said, present, asked=asked) for present in (1, 50)}
        return wanted.pop() if len(wanted) == 1 else None
    wanted_now = quantity_meant(turn.said, item.quantity, asked=asked)
    return None if wanted_now == item.quantity else wanted_now


def _ask_quantity(turn: Turn, order: Order, again: bool) -> None:
    item = _item(turn, order)
    if item is not None:
        turn.say("utter_ask_quantity", item=item.name, present=item.quantity, again=again)


def _read_day(turn: Turn, order: Order, asked: bool) -> str | None:
    if not asked and "day" in turn.answers and not signs.corrects(turn.text):
        return None
    wanted = day_ahead(turn.said, turn.entities.get("date", []), _today())
    if wanted is None:
        return None
    first, last, never = _days(turn)
    if not first <= wanted <= last or f"{wanted:%A}".lower() in never:
        raise NotUsable("utter_day_not_possible", day=day(wanted), first=day(first), last=day(last))
    return wanted.isoformat()


def _ask_day(turn: Turn, order: Order, again: bool) -> None:
    first, last, _ = _days(turn)
    turn.say(
        "utter_ask_day",
        order_id=order.order_id,
        expected=day(order.expected_at),
        first=day(first),
        last=day(last),
        again=again,
    )


def _days(turn: Turn) -> tuple[date, date, list[str]]:
    """The first and the last day to which a delivery can be moved, and the weekdays without any."""
    delivery = turn.services.knowledge.policy["delivery"]
    first = _today() + timedelta(delivery["standard"]["days_min"])
    return first, _today() + timedelta(delivery["move_within_days"]), delivery["no_delivery_on"]


def _item(turn: Turn, order: Order) -> Item | None:
    return next((item for item in order.items if item.sku == turn.answers.get("item")), None)


def _today() -> date:
    return datetime.now(UTC).date()


def _of_items(turn: Turn) -> bool:
    return turn.answers.get("change") in {"quantity", "remove"}


class ChangeOrder(OrderForm):
    intent = "change_order"
    act = "change an order"
    verbs = "change|do"
    reasons = frozenset({"place_order", "delivery_period", "delivery_options"})
    fields = (
        Field("change", "Change", _read_change, _ask_change, resets=("item", "quantity", "day")),
        Field("item", "Item", _read_item, _ask_item, needed=_of_items),
        Field(
            "quantity",
            "New quantity",
            _read_quantity,
            _ask_quantity,
            needed=lambda turn: turn.answers.get("change") == "quantity",
        ),
        Field(
            "day",
            "New delivery day",
            _read_day,
            _ask_day,
            needed=lambda turn: turn.answers.get("change") == "day",
        ),
    )

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        return [order for order in orders if order.changeable or _can_move(turn, order)]

    async def nothing(self, turn: Turn) -> None:
        turn.note("no order can be changed")
        turn.concern(self.issue, "answered")
        turn.remember(offer="return_item")
        turn.say("utter_nothing_to_change", quick_replies=[quick_reply("Send something back", "return_item")])
        turn.leave_form()

    async def ready(self, turn: Turn, order: Order) -> bool:
        if order.changeable or _can_move(turn, order):
            return True
        turn.note(f"order is {order.status}: not changeable")
        await self.refused(turn, order, f"The order is {STATUS_WORDS.get(order.status, order.status)}.")
        turn.leave_form()
        return False

    async def complete(self, turn: Turn, order: Order, asked: str | None) -> None:
        change, item = turn.answers["change"], _item(turn, order)
        if change == "other":
            self._only_anew(turn, order, "other")
        elif change == "remove" and len(order.items) == 1:
            self._only_anew(turn, order, "all")
        elif change == "quantity" and turn.answers["quantity"] == 0 and item is not None:
            turn.answer(change="remove", quantity=None)
            await self.complete(turn, order, None)
        else:
            await super().complete(turn, order, asked)

    def _only_anew(self, turn: Turn, order: Order, why: str) -> None:
        """What can't be done to an order that is placed; cancelling and ordering anew can."""
        turn.note(f"no such change: {why}")
        turn.concern(self.issue, "answered")
        offers = [quick_reply("Talk to a person", "contact_human_agent")]
        if order.cancellable:
            turn.remember(offer="cancel_order")
            offers.insert(0, quick_reply("Cancel this order", "cancel_order", order_id=order.order_id))
        turn.say(
            "utter_change_not_offered",
            order_id=order.order_id,
            why=why,
            cancellable=order.cancellable,
            quick_replies=offers,
        )
        turn.leave_form()

    async def summarise(self, turn: Turn, order: Order) -> None:
        item = _item(turn, order)
        wanted = turn.answers.get("day")
        turn.say(
            "utter_confirm_order_change",
            order_id=order.order_id,
            change=turn.answers["change"],
            item=item.name if item else None,
            present=item.quantity if item else None,
            quantity=turn.answers.get("quantity"),
            day=day(datetime.fromisoformat(wanted)) if wanted else None,
            expected=day(order.expected_at),
            quick_replies=yes_no("Yes, change it", order_id=order.order_id),
        )

    def act_name(self, turn: Turn, order: Order) -> str:
        answers = turn.answers
        what = answers.get("day") or f"{answers.get('item')}-{answers.get('quantity', 0)}"
        return f"change-{what}:{order.order_id}"

    async def act_on(self, turn: Turn, order: Order, key: str) -> Act | None:
        shop, answers = turn.services.shop, turn.answers
        if wanted := answers.get("day"):
            done = await shop.change_day(
                order.order_id, turn.who, key, turn.deadline, day=date.fromisoformat(wanted)
            )
        else:
            items = {answers["item"]: answers.get("quantity", 0)}
            done = await shop.change_items(order.order_id, turn.who, key, turn.deadline, items=items)
        turn.note("order changed")
        turn.concern(self.issue, "resolved")
        turn.say("utter_change_done", order_id=order.order_id, detail=done.message, cards=[card(done)])
        return done.act


def _can_move(turn: Turn, order: Order) -> bool:
    """Whether the delivery of the order can still be moved to another day."""
    return order.status in turn.services.knowledge.policy["orders"]["change_day_while"]
