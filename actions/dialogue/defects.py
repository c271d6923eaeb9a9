"""Something is broken, faulty or wrong: first steps one by one, then repair, replacement or return as the shop allows."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from actions.dialogue import signs
from actions.dialogue.form import Field, NotUsable, yes_no
from actions.dialogue.order_form import OrderForm
from actions.dialogue.returning import reason_in
from actions.orders import item_names, pick_items
from actions.shop import Act, ItemWarranty, Order
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import STATUS_WORDS, day

_LONGEST_PROBLEM = 300  # characters kept of it in the customer's own words
_MOST_STEPS = 3
#: What no first step mends.
_BEYOND_STEPS = re.compile(
    r"\b(crack\w*|smash\w*|shatter\w*|dent\w*|scratch\w*|broken (in|off|glass)|snapped|missing|incomplete|wrong (item|colour|color|one|thing|size)"
    r"|smoke\w*|smoking|burn\w*|sparks?|electric shock|chipped|torn|ripped|damaged)\b",
    re.I,
)
_DESCRIBES = re.compile(
    r"""\b((does|do|did|is|was|has|wo|ca|can)(\ ?n.?t|\ not)\ (work|turn|switch|charg|start|heat|connect|pair|hold|open|close|play|go|come)\w*
        |won.?t|stopped|leak\w*|fault\w*|defect\w*|broke\w*|dead|noise|beep\w*|flicker\w*|error|freez\w*|overheat\w*|trips?)\b""",
    re.I | re.X,
)
_HELPED = re.compile(
    r"\b(works? now|working (now|again)|(that|it) (helped|worked|did it|fixed)|fixed|solved|sorted|all good|back to normal)\b",
    re.I,
)
_NOT_HELPED = re.compile(
    r"\b(no|nope|nah|not|n.?t|didnt|doesnt|still|same|nothing|already|tried|dead|useless|negative)\b|n't\b",
    re.I,
)
_NO_MORE_STEPS = re.compile(
    r"\b(tried (all|everything|every|both|them all|those|these)|all of (that|those|these|them)|skip|no more steps|enough steps|just (replace|repair|fix))\b",
    re.I,
)
_REMEDIES = {
    "repair": re.compile(r"\b(repair\w*|fix\w*|mend\w*)\b", re.I),
    "replacement": re.compile(r"\b(replac\w*|new one|another one|exchang\w*|swap\w*)\b", re.I),
    "return": re.compile(r"\b(return\w*|refund\w*|money back|send (it|this|that) back|give it back)\b", re.I),
}
_TITLES = {"repair": "Repair it", "replacement": "Replace it", "return": "Send it back for a refund"}


def _read_item(turn: Turn, order: Order, asked: bool) -> str | None:
    if len(order.items) == 1:
        return order.items[0].sku
    marked = turn.entities.get("product", [])
    named = pick_items(order.items, text=turn.said, skus=marked, amounts=[], by_place=asked)
    return named[0].sku if len(named) == 1 else None


def _ask_item(turn: Turn, order: Order, again: bool) -> None:
    offers = [quick_reply(item.name[:60], "inform", product=item.sku) for item in order.items]
    turn.say("utter_ask_which_item", order_id=order.order_id, again=again, quick_replies=offers)


def _problem_told(turn: Turn) -> str | None:
    """The message as the problem, if it describes one."""
    describes = _DESCRIBES.search(turn.text) or _BEYOND_STEPS.search(turn.text) or reason_in(turn.text)
    longer = len(turn.text.split()) > 3
    return turn.text.strip()[:_LONGEST_PROBLEM] if describes and longer else None


def _read_problem(turn: Turn, _order: Order, asked: bool) -> str | None:
    if not asked:
        return None if "problem" in turn.answers else _problem_told(turn)
    words = turn.text.strip()
    return words[:_LONGEST_PROBLEM] if len(words) > 3 and turn.intent != "affirm" else None


def _ask_problem(turn: Turn, order: Order, again: bool) -> None:
    turn.say("utter_ask_problem", item=_name(turn, order), again=again)


def _name(turn: Turn, order: Order) -> str:
    return next((i.name for i in order.items if i.sku == turn.answers.get("item")), item_names(order.items))


def _steps(turn: Turn) -> list[str]:
    """The first steps for what was told so far; none for what they can't mend."""
    sku, problem = turn.answers.get("item"), str(turn.answers.get("problem") or "")
    if sku is None or _BEYOND_STEPS.search(problem):
        return []
    found = turn.services.knowledge.help_for(sku, problem)
    return found.steps[:_MOST_STEPS] if found else []


def _helped(turn: Turn) -> bool:
    return "helped" in turn.answers.values()


def _step_field(number: int) -> Field[Order]:
    """Try one step and tell whether it helped."""
    name = f"step_{number}"

    def needed(turn: Turn) -> bool:
        before = [turn.answers.get(f"step_{earlier}") for earlier in range(1, number)]
        return len(_steps(turn)) >= number and all(outcome == "no" for outcome in before)

    def read(turn: Turn, _order: Order, asked: bool) -> str | None:
        if not asked:
            return None
        if _NO_MORE_STEPS.search(turn.text):
            return "enough"
        if _HELPED.search(turn.text) and not re.search(r"\b(not|n.?t|didn.?t)\b", turn.text, re.I):
            return "helped"
        if signs.says_yes(turn):
            return "helped"
        return "no" if turn.intent == "deny" or _NOT_HELPED.search(turn.text) else None

    def ask(turn: Turn, _order: Order, again: bool) -> None:
        steps = _steps(turn)
        turn.say(
            "utter_try_step",
            step=steps[number - 1],
            number=number,
            count=len(steps),
            again=again,
            quick_replies=[
                quick_reply("That helped", "affirm"),
                quick_reply("It didn't help", "deny"),
                quick_reply("I tried all that", "inform"),
            ],
        )

    return Field(name, f"Step {number} tried", read, ask, needed)


def _read_remedy(turn: Turn, order: Order, asked: bool) -> str | None:
    possible = _possible(turn, order)
    if len(possible) == 1:
        return possible[0]
    if not asked and not signs.corrects(turn.text):
        return None
    wanted = [remedy for remedy, words in _REMEDIES.items() if words.search(turn.said)]
    if len(wanted) != 1:
        return None
    if wanted[0] not in possible:
        raise NotUsable("utter_remedy_not_possible", remedy=wanted[0])
    return wanted[0]


def _ask_remedy(turn: Turn, order: Order, again: bool) -> None:
    possible = _possible(turn, order)
    turn.say(
        "utter_ask_remedy",
        item=_name(turn, order),
        again=again,
        tried=any(name.startswith("step_") for name in turn.answers),
        quick_replies=[quick_reply(_TITLES[remedy], "inform") for remedy in possible],
    )


def _possible(turn: Turn, order: Order) -> list[str]:
    """What the shop's policy allows for the item, what is quickest for the customer first."""
    covered = turn.answers.get("cover", {}).get(turn.answers.get("item")) == "covered"
    within = turn.services.knowledge.policy["warranty"]["replacement_within_days"]
    recent = order.delivered_at is not None and datetime.now(UTC) - order.delivered_at <= timedelta(within)
    return ["replacement"] * (covered and recent) + ["repair"] * covered + ["return"] * order.returnable


class ReportDefect(OrderForm):
    intent = "report_defect"
    act = "sort out what is wrong"
    issue = "technical"
    verbs = "report|open"
    without_order = "technical_support"
    reasons = frozenset({"technical_support", "return_item", "get_refund", "warranty"})
    fields = (
        Field(
            "item",
            "Item",
            _read_item,
            _ask_item,
            resets=tuple(f"step_{n}" for n in range(1, _MOST_STEPS + 1)),
        ),
        Field("problem", "Problem", _read_problem, _ask_problem, early=_problem_told, free=True),
        *(_step_field(number) for number in range(1, _MOST_STEPS + 1)),
        Field("remedy", "Wanted", _read_remedy, _ask_remedy, needed=lambda turn: not _helped(turn)),
    )

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        return [order for order in orders if order.status in {"delivered", "return_requested"}]

    async def nothing(self, turn: Turn) -> None:
        turn.note("nothing was delivered yet")
        turn.concern(self.issue, "open")
        turn.remember(offer="person_mentioned")
        turn.say(
            "utter_nothing_delivered", quick_replies=[quick_reply("Talk to a person", "contact_human_agent")]
        )
        turn.leave_form()

    async def advance(self, turn: Turn, asked: str | None) -> None:
        if asked is None:
            turn.say("utter_sorry_for_defect")
        await super().advance(turn, asked)

    async def ready(self, turn: Turn, order: Order) -> bool:
        if order.delivered_at is None:
            turn.note(f"order is {order.status}: nothing to put right yet")
            turn.concern(self.issue, "answered")
            turn.say(
                "utter_not_delivered_yet",
                order_id=order.order_id,
                status=STATUS_WORDS.get(order.status, order.status),
                quick_replies=[quick_reply("Track it", "track_order", order_id=order.order_id)],
            )
            turn.leave_form()
            return False
        if "cover" not in turn.answers:
            items = await turn.services.shop.warranty(order.order_id, turn.who, turn.deadline)
            turn.answer(cover={item.sku: _cover(item) for item in items})
        return True

    async def allowed(self, turn: Turn, order: Order) -> bool:
        sku = turn.answers.get("item")
        cover = turn.answers.get("cover", {}).get(sku, "")
        if sku is None or (cover == "covered" or (order.returnable and not cover.startswith("case "))):
            return True
        turn.note(f"no remedy: {cover}")
        turn.concern(self.issue, "open")
        turn.remember(offer="person_mentioned", product=sku)
        turn.say(
            "utter_no_remedy",
            item=_name(turn, order),
            case_id=cover.removeprefix("case ") if cover.startswith("case ") else None,
            ended=cover.removeprefix("over ") if cover.startswith("over ") else None,
            quick_replies=[
                quick_reply("Talk to a person", "contact_human_agent"),
                quick_reply("Try some first steps", "technical_support", product=sku),
            ],
        )
        turn.leave_form()
        return False

    async def complete(self, turn: Turn, order: Order, asked: str | None) -> None:
        if _helped(turn):
            turn.note("a first step helped")
            turn.concern(self.issue, "resolved")
            turn.say("utter_defect_solved", item=_name(turn, order))
            turn.leave_form()
        elif turn.answers["remedy"] == "return":
            turn.note("a return was chosen")
            told: dict[str, Any] = turn.answers
            turn.leave_form()
            reason = reason_in(told["problem"]) or told["problem"][:200]
            turn.answer(return_items=[told["item"]], return_reason=reason)
            turn.go_on_with("return_item_form")
        else:
            await super().complete(turn, order, asked)

    async def summarise(self, turn: Turn, order: Order) -> None:
        turn.say(
            "utter_confirm_case",
            order_id=order.order_id,
            item=_name(turn, order),
            problem=turn.answers["problem"],
            remedy=turn.answers["remedy"],
            quick_replies=yes_no("Yes, please", order_id=order.order_id),
        )

    def act_name(self, turn: Turn, order: Order) -> str:
        return f"case-{turn.answers['item']}-{turn.answers['remedy']}:{order.order_id}"

    async def act_on(self, turn: Turn, order: Order, key: str) -> Act | None:
        answers = turn.answers
        opened = await turn.services.shop.open_case(
            order.order_id,
            turn.who,
            key,
            turn.deadline,
            sku=answers["item"],
            kind="defect" if order.returnable else "warranty",
            problem=answers["problem"],
            remedy=answers["remedy"],
        )
        turn.note("case opened")
        turn.concern(self.issue, "open")
        turn.say(
            "utter_case_opened",
            case_id=opened.case.case_id,
            item=opened.case.name,
            remedy=opened.case.remedy,
            answer_by=day(opened.case.answer_by),
        )
        return opened.act


def _cover(item: ItemWarranty) -> str:
    """`covered`, `case CS-1` (one about it is open), or `over` with the day on which the warranty ended."""
    if item.case_id is not None:
        return f"case {item.case_id}"
    return "covered" if item.covered else f"over {day(item.ends_on)}"
