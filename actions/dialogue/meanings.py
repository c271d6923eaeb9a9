"""A message that may mean either of two things, or that holds two wishes: ask, or serve one and offer the other."""

from collections.abc import Collection, Sequence
from typing import Any

from actions.orders import place_meant
from actions.turn import Turn
from actions.variants.schema import quick_reply

#: Between the two intents in the slot `offer` when it was asked which is meant: no yes, but a choice answers it.
_OR = "|"
#: Nothing was understood of these by themselves, so that two near wishes are better than declining.
_UNUNDERSTOOD = frozenset({"out_of_scope", "nlu_fallback"})


#: Ways to one and the same end: who has named one of them wants no second thing with the other.
_ONE_END = (
    {"return_item", "get_refund", "report_defect"},
    {"cancel_order", "get_refund"},
)


def either(intent: str, alternatives: Sequence[str], known: Collection[str]) -> tuple[str, str] | None:
    """The two wishes between which the customer has to choose, likeliest first.

    Args:
        alternatives: the intents that are too close to tell.
        known: intents that one can be asked about; between others nothing is asked.
    """
    if not alternatives or (intent not in known and intent not in _UNUNDERSTOOD):
        return None
    likely = [near for near in dict.fromkeys((intent, *alternatives)) if near in known]
    return (likely[0], likely[1]) if len(likely) > 1 else None


def other_of_two(served: str, wishes: Sequence[str], known: Collection[str]) -> str | None:
    """The next wish of a message with several when `served` is done."""
    same = {served}.union(*(ways for ways in _ONE_END if served in ways))
    left = [wish for wish in dict.fromkeys(wishes) if wish not in same and wish in known]
    return left[0] if left else None


def chosen_meaning(turn: Turn) -> str | None:
    """The wish that the words choose of the two that were asked about last: "the second one"."""
    asked = str(turn.slot("offer") or "").split(_OR)
    place = place_meant(turn.text, len(asked)) if len(asked) > 1 else None
    return None if place is None else asked[place]


def asked_which(turn: Turn) -> bool:
    """Ask which of two wishes is meant, if it can't be told."""
    titles = turn.services.knowledge.titles
    near = either(turn.intent, turn.alternatives, titles)
    if near is None:
        return False
    first, second = near
    turn.note(f"{first} or {second}: asked which")
    turn.concern("general", "open")
    turn.remember(offer=_OR.join(near))
    known = _order_of(turn.entity("order_id"))
    turn.say(
        "utter_which_wish",
        first=titles[first],
        second=titles[second],
        quick_replies=[quick_reply(titles[wish], wish, **known) for wish in near],
    )
    return True


def see_to_second(turn: Turn, *, new: bool) -> None:
    """Mention the second wish while the first is worked on, and offer it once that is done.

    Args:
        new: the message began something, rather than answering a form's question.
    """
    if turn.goes_on:
        return  # what follows in this turn sees to it
    waiting = _second_of(turn) if new else None
    if waiting is not None and turn.active_form is not None and not turn.left_form:
        titles = turn.services.knowledge.titles
        if turn.intent in titles:
            turn.say(
                "utter_second_wish_later",
                before=True,
                first=titles[turn.intent],
                second=titles[waiting["intent"]],
            )
    waiting = waiting or turn.slot("second_wish")
    if waiting is not None and (turn.handed_off or turn.intent in {"goodbye", waiting["intent"]}):
        waiting = None
    if waiting is not None and not turn.silent and (turn.active_form is None or turn.left_form):
        _offer(turn, waiting)
        waiting = None
    turn.remember(second_wish=waiting)


def _second_of(turn: Turn) -> dict[str, Any] | None:
    wish = other_of_two(turn.intent, turn.wishes, turn.services.knowledge.titles)
    if wish is None:
        return None
    order_ids = turn.entities.get("order_id", [])
    return {"intent": wish, "order_id": order_ids[-1] if len(order_ids) > 1 else None}


def _offer(turn: Turn, waiting: dict[str, Any]) -> None:
    wish = str(waiting["intent"])
    title = turn.services.knowledge.titles[wish]
    turn.note(f"second wish offered: {wish}")
    turn.remember(offer=wish)
    turn.say(
        "utter_second_wish",
        second=title,
        quick_replies=[quick_reply(title, wish, **_order_of(waiting["order_id"]))],
    )


def _order_of(order_id: str | None) -> dict[str, str]:
    return {"order_id": order_id} if order_id else {}
