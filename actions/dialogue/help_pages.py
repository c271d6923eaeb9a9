"""Answers from the pages of the help centre, where the assistant has none of its own or only a general one."""

import asyncio
import re
from typing import Any

from actions.catalogue import Product
from actions.dialogue import signs
from actions.retrieval.finder import ANSWERS, MAY_HELP, Found
from actions.turn import Turn
from actions.variants.schema import quick_reply

#: In the slot `offer` when it was asked whether a passage helped.
ASKED_WHETHER_IT_HELPED = "page_helped"
#: So many further passages are pointed to at most.
_MOST_POINTERS = 3
#: Another passage whose score is that near to the best one's is pointed to as well.
_NEARLY_AS_GOOD = 0.05
#: Everything about a product is wanted: its data sheet has that.
_ASKS_GENERALLY = re.compile(
    r"\b(tell me|about|info|information|details|specs?|specifications?|any good|is .* like)\b", re.I
)
#: It does not work, and no more is said: the first steps are for that.
_JUST_BROKEN = re.compile(
    r"\b(broken|broke|faulty|dead|(not|isn.?t|stopped|never) working|(does ?n.?t|won.?t|not) (work|turn on|switch on|start))\b",
    re.I,
)
#: Intents that have no answer of their own within a form.
_NOTHING_OF_ITS_OWN = frozenset({"out_of_scope", "nlu_fallback", "inform"})
#: A button's intent is certain: it asks for the general answer.
_CERTAIN = 1.0
_TO_PERSON = quick_reply("Talk to a person", "contact_human_agent")


async def answer_from_page(turn: Turn) -> bool:
    """Answer from the passage that fits, or point to those that may, when nothing else was understood.

    Within a form only a question is answered, and nothing pointed to: the form asks its own again.
    """
    if turn.active_form is not None:
        return await _answer_beside(turn)
    found = await _found(turn)
    best = found[0]
    if best.score >= ANSWERS:
        _tell(turn, found)
    elif best.score >= MAY_HELP:
        _point(turn, [near for near in found if near.score >= MAY_HELP])
    else:
        turn.note(f"no passage fits; nearest {_measured(best)}")
        if turn.slot("offer") == ASKED_WHETHER_IT_HELPED:
            turn.remember(offer=None)  # that was about the page before
        return False
    return True


async def _answer_beside(turn: Turn) -> bool:
    knowledge = turn.services.knowledge
    answered = _NOTHING_OF_ITS_OWN | knowledge.more_exact.keys() | knowledge.answers.keys()
    if turn.intent not in answered or not signs.is_question(turn.text):
        return False
    found = await _found(turn)
    if found[0].score < ANSWERS:
        return False
    _tell(turn, found)
    return True


async def answer_more_exactly(turn: Turn, intent: str) -> bool:
    """Answer from a passage that fits and says more than the general answer to this intent.

    `data/knowledge/wishes.yml` names the intents, and the passages that say no more.
    """
    told = turn.services.knowledge.more_exact.get(intent)
    if told is None or turn.wishes or turn.confidence >= _CERTAIN:
        return False
    if _known_without(turn, intent):
        return False
    found = await _found(turn)
    best = found[0]
    if best.score < ANSWERS or best.passage.place in told:
        return False
    _tell(turn, found)
    return True


def _known_without(turn: Turn, intent: str) -> bool:
    """Whether catalogue or first steps have just what is asked for."""
    knowledge = turn.services.knowledge
    product = knowledge.catalogue.product(turn.entity("product") or _spoken_of(turn))
    if intent == "stock_availability":
        return product is not None
    if intent == "product_question":
        return product is not None and (
            _ASKS_GENERALLY.search(turn.text) is not None
            or bool(knowledge.catalogue.asked_facts(product, turn.text))
        )
    if intent == "technical_support":
        if turn.slot("product") is not None:
            return True
        steps = knowledge.help_for(product.sku if product else None, turn.text)
        return steps is not None and (steps.for_this_problem or _JUST_BROKEN.search(turn.text) is not None)
    return intent == "warranty" and _asks_how_long(turn, product)


def _asks_how_long(turn: Turn, product: Product | None) -> bool:
    words = turn.text.lower().split()
    return "long" in words or (product is not None and len(words) <= _SHORT)


#: A message of so many words that names a product and the warranty asks how long it is.
_SHORT = 5


def _spoken_of(turn: Turn) -> str | None:
    spoken_of: str | None = turn.slot("product") if signs.points_back(turn.text) else None
    return spoken_of


async def _found(turn: Turn) -> list[Found]:
    # In a thread: other conversations go on meanwhile.
    return await asyncio.to_thread(turn.services.pages.find, turn.text, _MOST_POINTERS)


def _tell(turn: Turn, found: list[Found]) -> None:
    """Say the sentences that fit, show where they are from, and ask whether they helped, unless a form is open."""
    best, *others = found
    near = [other for other in others if best.score - other.score <= _NEARLY_AS_GOOD]
    turn.note(f"from a help page: {_measured(best)}")
    turn.concern("general", "answered")
    beside = turn.in_a_form  # a yes would be taken for one to the form's own question
    if not beside:
        turn.remember(offer=ASKED_WHETHER_IT_HELPED, topic=None)
    turn.say(
        "utter_from_page",
        answer=" ".join(best.extract),
        page=best.passage.page.title,
        beside=beside,
        cards=[_card(best), *(_card(other) for other in near)],
        quick_replies=[] if beside else [quick_reply("Yes, thanks", "affirm"), _TO_PERSON],
    )


def _point(turn: Turn, found: list[Found]) -> None:
    """Not sure enough to answer: the passages that may help, and a way on."""
    turn.note(f"help pages pointed to: {'; '.join(_measured(near) for near in found)}")
    turn.concern("general", "open")
    turn.remember(offer="person_mentioned", topic=None)
    turn.say(
        "utter_pages_may_help",
        count=len(found),
        cards=[_card(near) for near in found],
        quick_replies=[_TO_PERSON],
    )


def _card(found: Found) -> dict[str, Any]:
    passage = found.passage
    updated = passage.page.updated
    return {
        "kind": "help",
        "title": passage.heading,
        "page": passage.page.title,
        "url": passage.address,
        "lines": [f"Last updated {updated.day} {updated:%B %Y}"],
    }


def _measured(found: Found) -> str:
    return f"{found.passage.place} ({found.score:.2f}; by meaning {found.meaning:.2f}, by words {found.words:.2f})"
