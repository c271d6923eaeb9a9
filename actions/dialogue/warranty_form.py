"""How long the warranty of something that was bought still lasts."""

import re

from actions.dialogue import answers
from actions.dialogue.order_form import OrderForm
from actions.orders import pick_items
from actions.shop import ItemWarranty, Order
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import day

#: Words about one's own thing: without them the question is what the warranty is in general.
_OWN = re.compile(
    r"\b(my|mine|our|i (bought|have|ordered|got)|claim\w*|register\w*|still (covered|under|in|on)|broke\w*|stopped|fault\w*|dead|repair\w*|order)\b",
    re.I,
)


class Warranty(OrderForm):
    intent = "warranty"
    act = "check a warranty"
    issue = "technical"
    without_order = "warranty"
    reasons = frozenset({"report_defect", "technical_support"})

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        return [order for order in orders if order.delivered_at is not None]

    async def nothing(self, turn: Turn) -> None:
        await answers.answer(turn, "warranty")
        turn.leave_form()

    async def advance(self, turn: Turn, asked: str | None) -> None:
        of_order = "order_id" in turn.entities or _OWN.search(turn.text) is not None
        if asked is None and not of_order:
            await answers.answer(turn, "warranty")
            turn.leave_form()
            return
        await super().advance(turn, asked)

    async def complete(self, turn: Turn, order: Order, asked: str | None) -> None:
        items = await turn.services.shop.warranty(order.order_id, turn.who, turn.deadline)
        meant = _meant(turn, order, items)
        turn.note(f"warranty of {len(meant)} item(s) told")
        turn.concern(self.issue, "answered")
        covered = [item for item in meant if item.covered and item.case_id is None]
        offers = [
            quick_reply(
                f"Something is wrong with {_short(item.name)}"[:60],
                "report_defect",
                order_id=order.order_id,
                product=item.sku,
            )
            for item in covered[:3]
        ]
        turn.remember(offer="report_defect" if covered else "person_mentioned")
        turn.say(
            "utter_item_warranty",
            order_id=order.order_id,
            lines=[_line(item) for item in meant],
            covered=bool(covered),
            quick_replies=[*offers, quick_reply("Talk to a person", "contact_human_agent")],
        )
        turn.leave_form()


def _meant(turn: Turn, order: Order, items: list[ItemWarranty]) -> list[ItemWarranty]:
    """The items that the words name, else all of the order."""
    marked = turn.entities.get("product", [])
    named = {i.sku for i in pick_items(order.items, text=turn.said, skus=marked, amounts=[], by_place=False)}
    return [item for item in items if item.sku in named] or items


def _line(item: ItemWarranty) -> str:
    if item.case_id is not None:
        return f"{item.name}: case {item.case_id} about it is open."
    if item.ends_on is None:
        return f"{item.name}: {item.months} months from the day it is delivered."
    if item.covered:
        return f"{item.name}: covered until {day(item.ends_on)} {item.ends_on.year}."
    return (
        f"{item.name}: the warranty of {item.months} months ended on {day(item.ends_on)} {item.ends_on.year}."
    )


def _short(name: str) -> str:
    return name if len(name) <= 30 else name.rsplit(maxsplit=1)[-1]
