"""Reviews and feedback: what somebody thinks is kept with the conversation, and acknowledged in its own tone."""

import re

from actions.turn import Turn
from actions.variants.schema import quick_reply
from common.masking import mask

#: In the slot `offer` while the opinion itself is awaited.
AWAITED = {"review": "opinion_review", "feedback": "opinion_feedback"}
_TO_PERSON = quick_reply("Talk to a person", "contact_human_agent")
_LONGEST = 300  # characters that are kept
_FEWEST = 3  # words beside the request that make an opinion
_REQUEST = re.compile(
    r"""\b(hi|hello|please|thanks|ok|okay|i|i.?d|i.?ve|got|have|we|would|like|want|wanted|wish|need|to|can|could|may|how|where|do|does|is|there|a|an|any|some|the|my|your|you
        |leave|write|post|give|submit|share|send|add|make|put|place|way|one|it|this|that|page|link|of|on|for|about|in|with|product|shop|website|site|app
        |order|reviews?|rating|rate|stars?|feedback|suggestions?|opinion|comments?|ideas?|something|bit|quick|here)\b""",
    re.I | re.X,
)
_EXISTING = re.compile(
    r"\b(where(?!.*\b(write|leave|post|give|submit|put|add)\b)|find|see|read|change|edit|delete|remove|take down|gone|missing|disappeared|published|approved|show)\b.*\breviews?\b"
    r"|\breviews?\b.*\b(gone|missing|disappeared|removed|deleted|not (there|up|shown|published)|never)\b",
    re.I,
)


async def review(turn: Turn) -> None:
    """A review: of one that exists only a person can take care, a new one is kept here."""
    if _EXISTING.search(turn.text):
        turn.note("about a review that exists: a person")
        turn.concern("general", "open", wish="review")
        turn.remember(offer="person_mentioned")
        turn.say("utter_review_existing", quick_replies=[_TO_PERSON])
    else:
        _take_or_ask(turn, "review")


async def feedback(turn: Turn) -> None:
    """An opinion or idea about the shop, or the review that was asked for: praise sounds like either."""
    if not take_awaited(turn):
        _take_or_ask(turn, "feedback")


def take_awaited(turn: Turn) -> bool:
    """Take the message as the opinion that was asked for, if one was."""
    kind = next((kind for kind, offer in AWAITED.items() if turn.slot("offer") == offer), None)
    if kind is None or len(turn.text.split()) < 2:
        return False
    _take(turn, kind)
    return True


def _take_or_ask(turn: Turn, kind: str) -> None:
    if len(re.findall(r"[\w']+", _REQUEST.sub(" ", turn.text))) >= _FEWEST:
        _take(turn, kind)
        return
    turn.note(f"{kind}: asked for it")
    turn.concern("general", "open", wish=kind)
    turn.remember(offer=AWAITED[kind])
    turn.say("utter_ask_opinion", kind=kind)


def _take(turn: Turn, kind: str) -> None:
    upset = turn.sentiment in {"angry", "negative"}
    turn.note(f"{kind} kept")
    turn.concern("complaint" if upset else "general", "open" if upset else "answered", **opinion(turn, kind))
    turn.remember(offer="person" if turn.sentiment == "angry" else "person_mentioned" if upset else None)
    turn.say(f"utter_{kind}", quick_replies=[_TO_PERSON] if upset else [])


def opinion(turn: Turn, kind: str) -> dict[str, str]:
    """What is kept of it with the customer's history: the words, without what tells who they are."""
    return {"wish": kind, "text": mask(turn.text)[:_LONGEST]}
