"""Taking back what was just done, for as long as the shop allows it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from actions.shop import Act, OrderNotFound, Refused, ShopUnavailable
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import day

#: The command of the button; no message is understood as it.
UNDO = "undo"
_BY_NAME = re.compile(
    r"\b(undo|un-?(cancel|do)|revert|reverse (it|that)|take (it|that) back|put (it|that) back|cancel the (cancellation|change))\b",
    re.I,
)
_ONLY_UNDO = re.compile(r"\W*(please\W+)?undo(\W+(it|that|this|please))*\W*", re.I)
_SECOND_THOUGHTS = re.compile(
    r"""^\W*((oh|no|wait|hang\ on|hold\ on|stop|oops|sorry|actually|ah|argh|damn)\W+)*
        (wait\W+no|no\W+wait|oops|wrong\ (one|order|button)|i\ (did\ ?n.?t\ mean|take)\ (that|it|to)(\ back)?|changed\ my\ mind
        |i.?ve\ changed\ my\ mind|that\ was\ a\ mistake|by\ mistake|not\ that\ one)\b""",
    re.I | re.X,
)
#: Longer after the act a message is about something else, unless it says "undo".
_SECOND_THOUGHTS_LAST = timedelta(minutes=2)
#: So long after it could be undone it is still said that it can't be any more.
_REMEMBERED = timedelta(days=1)
#: From here on the day is said until which it can be taken back.
_LONG = timedelta(hours=1)


def offer(turn: Turn, act: Act | None, known: dict[str, str]) -> None:
    """Offer, with what was said of it, to take the act back; None can't be taken back."""
    if act is None:
        turn.remember(undoable=None)
        return
    keep(turn, act, known)
    seconds = turn.services.knowledge.policy["orders"]["undo_seconds"]
    long = act.undo_until - datetime.now(UTC) > _LONG
    how_long = f"until {day(act.undo_until)}" if long else f"within {seconds} seconds"
    turn.offer(quick_reply(f"Undo ({how_long})", UNDO))


def keep(turn: Turn, act: Act, known: dict[str, str]) -> None:
    """Let "undo" mean this act from now on."""
    done, until = datetime.now(UTC).isoformat(), act.undo_until.isoformat()
    turn.remember(undoable={"act_id": act.act_id, "done": done, "until": until, **known})


def is_asked(turn: Turn) -> bool:
    """Whether the message takes back what was done last."""
    if turn.intent == UNDO:
        return True
    undoable = turn.slot("undoable")
    if undoable is None:
        return False
    if turn.in_a_form:
        return _ONLY_UNDO.fullmatch(turn.text) is not None  # other words answer the form's question
    now = datetime.now(UTC)
    if _BY_NAME.search(turn.text):
        return now - datetime.fromisoformat(undoable["until"]) < _REMEMBERED
    just_done = now - datetime.fromisoformat(undoable["done"]) < _SECOND_THOUGHTS_LAST
    return just_done and _SECOND_THOUGHTS.search(turn.text) is not None


async def undo(turn: Turn) -> None:
    """Take back the last act, or say honestly why it can't be; a form that was in the middle stays open."""
    if turn.active_form is not None and not turn.in_a_form:
        turn.leave_form()  # the words were taken for its wish
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
