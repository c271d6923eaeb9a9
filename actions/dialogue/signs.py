"""Small signs in a message that decide inside a form, where the understood intent alone may mislead."""

import re
from collections.abc import Collection

from actions.dialogue import courtesies
from actions.dialogue.wishes import ABOUT_PRODUCTS, WISHES
from actions.message import SURE
from actions.parts import asks, has_words, same_end, shows
from actions.turn import Turn

#: A reason for a return sounds like a complaint, a defect or a refund: only these, and surely, are a new wish.
NOT_A_REASON = frozenset(
    {"track_order", "cancel_order", "track_refund", "billing_inquiry", "contact_human_agent"}
)
VERY_SURE = 0.8

_YES = re.compile(
    r"^\W*(yes|yep|yeah|yup|aye|ok|okay|sure|please do|go ahead|do it|confirm(ed)?|correct|that'?s right)\b",
    re.I,
)
_DOUBT = re.compile(
    r"\b(but|wait|do not|don'?t|instead|hold on|not yet|actually|no|leave|keep|never ?mind|forget|rather not)\b",
    re.I,
)
_QUESTION = re.compile(
    r"\?\s*$|^\W*((and|but|so|ok|by the way|btw)\W+)*(what|how|when|where|who|which|why|is|are|do|does|did|can|could|will|would|may)\b",
    re.I,
)
_MISREAD = re.compile(
    r"""\b(not|isn.?t|wasn.?t)\ (at\ all\ )?what\ (i|we)(\ ?.?(m|am|ve|have|was|were))?\ (mean|meant|ask(ed|ing)?|said|say(ing)?|want(ed)?\ to\ know|tr(y|ied)|trying)\b
        |\b(did\ ?n.?t|did\ not|never)\ (ask\ (for\ )?(that|this)|mean\ (that|this|it)(?!\ (order|one|parcel|item))|say\ that)\b
        |\byou.?(\ ?ve|\ have)?\ ?(misunderst\w+|mis-?read\w*|got\ (me|it|that)\ wrong|didn.?t\ understand|don.?t\ understand)\b
        |\bi\ meant\ something\ else\b|\bwrong\ end\ of\ the\ stick\b""",
    re.I | re.X,
)
_LACKS_IT = re.compile(
    r"""\b(no\ (idea|clue)|(lost|deleted|binned|forgot(ten)?|never\ (got|had|received|saw)|mislaid|threw\ (out|away))\b
        |((have|has|had)\ ?n.?t|don.?t|do\ not|did\ ?n.?t|can.?t|cannot|could\ ?n.?t|not\ able\ to)\ (actually\ |really\ |even\ )?
            (have|had|got|get|know|remember|find|see|recall|receive|locate|keep)\b
        |no\ (order\ )?(number|e-?mail|confirmation|receipt|reference)\b|without\ (a|the|my|any)\ (order\ )?number)""",
    re.I | re.X,
)
_POINTS_BACK = re.compile(r"\b(it|that|this|that one|this one|same)\b", re.I)
_LABELS = re.compile(
    r"\b(order|number|no|nr|id|ref|reference|e-?mail|mail|address|is|it'?s|its|my|the|and|for)\b", re.I
)
_USER_NAME = re.compile(
    r"^\W*(user ?name|user|account|login|acc)?\W*(id|is|name)?\W*[a-z][\w.-]*\d[\w.-]*\W*$", re.I
)


#: Words of a wish; without one a short message can only be the choice that it names.
_WISH_WORDS = re.compile(
    r"\b(where|track|cancel|return|send|refund|money|person|human|agent|charge|bill|invoice|broken|work|help"
    r"|speak|talk|complain)",
    re.I,
)
_LONGEST_CHOICE = 6  # words
_NUMBER = re.compile(r"\b(number|reference)\b", re.I)
_CORRECTS = re.compile(
    r"""^\W*(no|nope|not|sorry|wait|oops|actually|correction|rather)\b|\b(i\ (mean|meant)|meant\ to\ say|instead|rather
        |(should|must)\ (be|have\ been|say)|not\ the|change\ (it|that)\ to|make\ (it|that)|wrong\ (one|order|day|address|number))\b""",
    re.I | re.X,
)
_LEADS = r"""(no|ok|okay|sorry|wait|hang\ on|hold\ on|actually|please|just|can|could|may|we|you|i|let'?s|let\ us
    |i'?d|want|would|like|to|and|then|go|all)"""
_RESTART = re.compile(
    rf"""\W*({_LEADS}\W+)*
        ((start|begin)(ing)?(\ (it|this|that|all))*\ (again|over|afresh|anew|from\ (scratch|the\ (very\ )?(beginning|start|top)))
        |restart|(back\ to|from)\ the\ (very\ )?(start|beginning|top)|from\ scratch)
        (\W+(again|please|over|thanks))*\W*""",
    re.I | re.X,
)


def says_yes(turn: Turn) -> bool:
    """A clear yes. "Yes, but wait" is none: nothing is done on it."""
    clear = turn.intent == "affirm" or (turn.intent != "deny" and _YES.search(turn.text) is not None)
    return clear and _DOUBT.search(turn.text) is None


def points_back(text: str) -> bool:
    """Whether it speaks of what was just spoken of: "cancel it"."""
    return _POINTS_BACK.search(text) is not None


def only_details(turn: Turn) -> bool:
    """Whether the message is hardly more than the details in it, such as "Order ID: 100234"."""
    if not ({"order_id", "email"} & turn.entities.keys()):
        return False
    rest = _LABELS.sub(" ", re.sub(r"\S*[\d@]\S*", " ", turn.text))
    return len(re.findall(r"[A-Za-z]{2,}", rest)) <= 2


def lacks_it(text: str) -> bool:
    """Whether it says that what was asked for can't be given: "I don't have it", "lost the e-mail"."""
    return _LACKS_IT.search(text) is not None


def unasked_detail(turn: Turn) -> str | None:
    """What was given, meant well, although nothing can be looked up by it.

    Returns:
        `membership`, `phone`, `name`, `product` or `user_name`; None when it is none of these.
    """
    if courtesies.is_membership(turn.text):
        return "membership"
    for entity, kind in (("phone", "phone"), ("person", "name")):
        if entity in turn.entities:
            return kind
    if turn.customer is None and "product" in turn.entities and turn.slot("requested_slot") == "order_id":
        return "product"
    bare = turn.intent in {"inform", "out_of_scope", "nlu_fallback"}
    return "user_name" if bare and _USER_NAME.search(turn.text) else None


def is_clear_wish(turn: Turn) -> bool:
    """Whether a message that also names one of the things to choose from is surely more than that choice."""
    if turn.named_wish is not None:
        return True
    short = len(turn.text.split()) <= _LONGEST_CHOICE and not _WISH_WORDS.search(turn.text)
    return turn.confidence >= VERY_SURE and not short


def other_wish(turn: Turn, own_intent: str, asked: str, *, free: bool) -> str | None:
    """The intent of another wish that the message turns to, if it does.

    Args:
        own_intent: the wish that the form serves.
        asked: what the form has asked for.
        free: any words can be the answer.
    """
    intent = turn.intent
    if not free and turn.named_wish is not None:
        return turn.named_wish if turn.named_wish != own_intent else None
    if intent not in WISHES or intent == own_intent:
        return None
    if free:
        return intent if turn.confidence >= VERY_SURE and _is_no_reason(turn, own_intent) else None
    if turn.confidence < SURE or (asked in {"order_id", "email"} and _may_be_the_answer(turn, intent)):
        return None
    return intent


def _may_be_the_answer(turn: Turn, intent: str) -> bool:
    """Whether what names an order, or speaks of its number, is no more than that: it easily sounds like a wish."""
    told = not has_words(intent) or shows(turn.said, intent)
    names = "order_id" in turn.entities and turn.confidence < VERY_SURE
    lacks = "order_id" not in turn.entities and _NUMBER.search(turn.said) is not None
    return only_details(turn) or ((names or lacks) and not told)


def _is_no_reason(turn: Turn, own_intent: str) -> bool:
    requested = turn.intent == turn.named_wish and "order_id" in turn.entities and asks(turn.said)
    return turn.intent in NOT_A_REASON or (requested and turn.intent not in same_end(own_intent))


def asks_beside(turn: Turn, told: Collection[str]) -> bool:
    """Whether it is surely a question that is answered in words, after which the form asks again.

    Args:
        told: intents that are answered in words alone.
    """
    return (turn.intent in told or turn.intent in ABOUT_PRODUCTS) and turn.confidence >= VERY_SURE


def was_misread(text: str) -> bool:
    """Whether it says that the message before was misread: "that is not what I meant"."""
    return _MISREAD.search(text) is not None


def is_question(text: str) -> bool:
    """Whether it is put as a question."""
    return _QUESTION.search(text) is not None


def corrects(text: str) -> bool:
    """Whether it says that something before was not what is meant: "no, the other order", "I meant Friday"."""
    return _CORRECTS.search(text) is not None


def restarts(text: str) -> bool:
    """Whether it only asks to begin anew: "start again", "from the beginning please"."""
    return _RESTART.fullmatch(text) is not None
