"""Taking back what was just done, for as long as the shop allows it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from actions.shop import OrderNotFound, Refused, ShopUnavailable
from actions.turn import Turn
from actions.variants.schema import quick_reply

#: The command of the button; no message is understood as it.
UNDO = "undo"
_BY_NAME = re.compile(
    r"\b(undo|un-?(cancel|do)|revert|reverse (it|that)|take (it|that) back|put (it|that) back|cancel the (cancellation|change))\b",
    re.I,
)
_SECOND_THOUGHTS = re.compile(
    r"""^\W*((oh|no|wait|hang\ on|hold\ on|stop|oops|sorry|actually|ah|argh|damn)\W+)*
        (wait\W+no|no\W+wait|oops|wrong\ (one|order|button)|i\ (did\ ?n.?t\ mean|take)\ (that|it|to)(\ back)?|changed\ my\ mind
        |i.?ve\ changed\ my\ mind|that\ was\ a\ mistake|by\ mistake|not\ that\ one)\b""",
    re.I | re.X,
)
#: After this a message is about something else, unless it says "undo"; nor is the act spoken of any more after a day.
_SECOND_THOUGHTS_LAST = timedelta(minutes=2)
_REMEMBERED = timedelta(days=1)


def offer(turn: Turn, act: object, known: dict[str, str]) -> None:
    """Offer to take back the act of the shop's answer; nothing is said when it can't be."""
    act_id, until = getattr(act, "act_id", None), getattr(act, "undo_until", None)
    if act_id is None or until is None:
        turn.remember(undoable=None)
        return
    turn.remember(undoable={"act_id": act_id, "until": until.isoformat(), **known})
    seconds = turn.services.knowledge.policy["orders"]["undo_seconds"]
    turn.say("utter_undo_offer", seconds=seconds, quick_replies=[quick_reply("Undo", UNDO)])


def is_asked(turn: Turn) -> bool:
    """Whether the message takes back what was done last."""
    if turn.intent == UNDO:
        return True
    undoable = turn.slot("undoable")
    if undoable is None or turn.active_form is not None:
        return False
    late = datetime.now(UTC) - datetime.fromisoformat(undoable["until"])
    if _BY_NAME.search(turn.text):
        return late < _REMEMBERED
    return late < _SECOND_THOUGHTS_LAST and _SECOND_THOUGHTS.search(turn.text) is not None


async def undo(turn: Turn) -> None:
    """Take back the last act, or say honestly why it can't be."""
    undoable: dict[str, Any] | None = turn.slot("undoable")
    if undoable is None:
        turn.note("nothing to undo")
        turn.say("utter_nothing_to_undo")
        return
    if not await turn.services.owner_is_still(turn.conversation_id, turn.owner_epoch):
        turn.note("undo: the owner changed, nothing was done")
        return
    order_id = undoable.get("order_id")
    key = f"{turn.conversation_id}:undo:{undoable['act_id']}"
    to_person = quick_reply("Talk to a person", "contact_human_agent")
    try:
        undone = await turn.services.shop.undo(
            undoable["act_id"], turn.who, key, turn.deadline, order_id=order_id
        )
    except (Refused, OrderNotFound) as refusal:
        turn.note("undo: refused by the shop")
        turn.concern("order" if order_id else "general", "open")
        turn.remember(undoable=None, offer="person_mentioned")
        turn.say("utter_undo_refused", detail=str(refusal), quick_replies=[to_person])
        return
    except ShopUnavailable:
        turn.note("undo: shop unavailable")
        turn.concern("order" if order_id else "general", "open")
        turn.say("utter_undo_unavailable", quick_replies=[quick_reply("Undo", UNDO), to_person])
        return
    turn.note(f"undone: {undoable['act_id']}")
    turn.concern("order" if order_id else "general", "resolved")
    turn.remember(undoable=None, order_id=order_id, acts=float(turn.slot("acts") or 0) + 1)
    turn.say("utter_undone", detail=undone.message, order_id=order_id)
