"""A message that may mean either of two things, or that holds two wishes: ask, or serve one and offer the other."""

from collections.abc import Collection, Sequence
from typing import Any

from actions.dialogue.wishes import FORMS
from actions.orders import place_meant
from actions.parts import other_of_two
from actions.turn import Turn
from actions.variants.schema import quick_reply

#: Between the two intents in the slot `offer` when it was asked which is meant: no yes, but a choice answers it.
OR = "|"
#: Nothing was understood of these by themselves, so that two near wishes are better than declining.
_UNUNDERSTOOD = frozenset({"out_of_scope", "nlu_fallback"})


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


def chosen_meaning(turn: Turn) -> str | None:
    """The wish that the words choose of the two that were asked about last: "the second one"."""
    return either_meant(turn.text, str(turn.slot("offer") or ""))


def either_meant(text: str, offered: str) -> str | None:
    """Which of the two intents with `OR` between them the words choose by its place."""
    two = offered.split(OR)
    place = place_meant(text, len(two)) if len(two) > 1 else None
    return None if place is None else two[place]


def asked_which(turn: Turn) -> bool:
    """Ask which of two wishes is meant, if it can't be told."""
    titles = turn.services.knowledge.titles
    near = either(turn.intent, turn.alternatives, titles)
    if near is None:
        return False
    first, second = near
    turn.note(f"{first} or {second}: asked which")
    turn.concern("general", "open")
    turn.remember(offer=OR.join(near))
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
    said_now = _second_of(turn, new=new)
    if said_now is not None and turn.active_form is not None and not turn.left_form:
        titles = turn.services.knowledge.titles
        if turn.intent in titles:
            turn.say(
                "utter_second_wish_later",
                before=True,
                first=titles[turn.intent],
                second=titles[said_now["intent"]],
                order_id=said_now["order_id"],
            )
    waiting = said_now or _still_waiting(turn)
    if waiting is not None and (turn.handed_off or turn.intent == "goodbye"):
        waiting = None
    if waiting is not None and not turn.silent and (turn.active_form is None or turn.left_form):
        _offer(turn, waiting)
        waiting = {**waiting, "offered": True}
    turn.remember(second_wish=waiting)


def take_up(turn: Turn, wish: str) -> None:
    """Begin the second wish, which was offered, with the order and the product that were named with it."""
    offered = turn.slot("second_wish")
    if offered is None or not offered.get("offered") or offered["intent"] != wish:
        return
    then = offered.get("then") or []
    following = (
        {"intent": wish, "order_id": then[0], "product": None, "same": True, "then": then[1:]}
        if then
        else None
    )
    turn.remember(second_wish=following)
    if "order_id" not in turn.entities:
        for name in ("order_id", "product"):
            if offered.get(name):
                turn.entities[name] = [offered[name]]


def _still_waiting(turn: Turn) -> dict[str, Any] | None:
    """The second wish of an earlier message, unless it was offered or the customer has turned to it."""
    waiting: dict[str, Any] | None = turn.slot("second_wish")
    if waiting is None or waiting.get("offered"):
        return None
    turned_to = turn.intent == waiting["intent"] and (
        not waiting.get("same") or turn.entity("order_id") == waiting["order_id"]
    )
    return None if turned_to else waiting


def _second_of(turn: Turn, *, new: bool) -> dict[str, Any] | None:
    """What the message wants besides: another wish, or the same for another order."""
    if new and (wish := other_of_two(turn.intent, turn.wishes, turn.services.knowledge.titles)) is not None:
        return {"intent": wish, **turn.named_with(wish)}
    form = next((wish for wish, form in FORMS.items() if form == turn.active_form), None)
    if form is None or not turn.further_orders or (new and turn.intent != form):
        return None
    first, *then = turn.further_orders
    return {"intent": form, "order_id": first, "product": None, "same": True, "then": then}


def _offer(turn: Turn, waiting: dict[str, Any]) -> None:
    wish = str(waiting["intent"])
    title = turn.services.knowledge.titles[wish]
    turn.note(f"second wish offered: {wish}")
    turn.remember(offer=wish)
    known = {name: waiting[name] for name in ("order_id", "product") if waiting.get(name)}
    turn.say(
        "utter_second_wish",
        second=title,
        order_id=waiting["order_id"],
        quick_replies=[quick_reply(title, wish, **known)],
    )


def _order_of(order_id: str | None) -> dict[str, str]:
    return {"order_id": order_id} if order_id else {}
