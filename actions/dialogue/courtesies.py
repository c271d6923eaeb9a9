"""Words that ask for nothing: thanks, "no worries", "one moment", "let me know", a membership, a number to ring."""

import re

from actions.turn import Turn

_THANKS = re.compile(r"\b(thank\w*|thx|ty|tysm|cheers|ta|appreciate\w*|grateful|diolch)\b|🙏", re.I)
_WAIT = re.compile(
    r"""\b(
        (one|just\ a|give\ me\ a|give\ us\ a|wait\ a|half\ a)\ (sec|secs|second|moment|min|mins|minute|mo|tick)
        |hang\ on|hold\ on|bear\ with\ me|brb|be\ right\ back|two\ ticks
        |let\ me\ (find|look|check|get|see|dig)|i.?ll\ (have\ a\ look|check|go\ and\ (look|check))|looking\ for\ (it|the)
    )\b""",
    re.I | re.X,
)
_HELLO = re.compile(r"\b(hi|hiya|hello|hey|yo|greetings|morning|afternoon|evening|good day|hola)\b", re.I)
_DECIDES = re.compile(r"\b(yes|no|stop|do not|don.?t|actually)\b", re.I)
_TELL = re.compile(
    r"^\W*((please|just|do|ok|okay|and|then)\W+)*(let me know|keep me (posted|updated|informed))\b", re.I
)
_GOOD = re.compile(
    r"""^\W*((oh|ah|ok|okay|that.?s|well)\W+)*
        (no\ (worries|problem|prob|rush|hurry|bother)(\ at\ all)?|take\ your\ time|i\ see|got\ it|understood|fair\ enough
        |great|good|lovely|nice|cool|perfect|grand|brilliant|super|fab|wonderful|excellent|awesome
        |right(\ (you\ are|then))?|al+\ ?right|ok|okay|fine|sounds\ good)
        (\W+(then|mate|stuff|one|love))?\W*$""",
    re.I | re.X,
)
_MEMBERSHIP = re.compile(
    r"""^\W*((no|yes|but|and)\W+)?(i.?m|i\ am|we.?re|i\ have|my\ (account|tier|level|status|membership)\ is)?\W*
        ((a|an|the|just|only|on)\ )*
        (bronze|silver|gold|platinum|diamond|standard|basic|premium|vip)
        (\ (member|membership|customer|tier|level|status|account|card|circle))*(\W+(i\ think|by\ the\ way|btw))?\W*$""",
    re.I | re.X,
)
_CALL_BACK = re.compile(
    r"""\b(call|ring|phone)\ (me|us)\b(?=\W*(back|on|at|later|tomorrow|today|when|please|asap|$))
        |\bcall.?back\b|\bhear(ing)?\ (back\ )?from\ (you|them|someone|somebody|one)\b|\bget\ back\ to\ me\b
        |\bbe\ in\ touch\b""",
    re.I | re.X,
)
_AGREES = re.compile(
    r"""^\W*((oh|ah|haha\w*|yes|yeah|well|ok)\W+)*
        (exactly|precisely|indeed|quite(\ so|\ right)?|true|right|too\ right|spot\ on|correct|agreed|i\ agree|of\ course
        |you.?re\ (right|not\ wrong)|that.?s\ (right|true|it)|couldn.?t\ agree\ more|absolutely|definitely|certainly
        |it\ is|it\ was|i\ (do|did|know|think\ so)|ok|okay|k|fine|haha\w*|lol)
        (\W+(that|right|so|it|then))?\W*$""",
    re.I | re.X,
)


def says_hello(text: str) -> bool:
    """Whether the words themselves are a greeting, whatever was understood."""
    return _HELLO.search(text) is not None


def courtesy(turn: Turn) -> str | None:
    """Which courtesy the message is, if it is nothing else.

    Returns:
        `wait` (the customer looks for something), `tell` ("let me know"), `thanks`, `hello` or `good`.
    """
    if _WAIT.search(turn.text) and not _DECIDES.search(turn.text):
        return "wait"
    if _TELL.search(turn.text):
        return "tell"
    if turn.intent == "thank" and _THANKS.search(turn.text):
        return "thanks"
    if turn.intent == "greet":
        return "hello"
    if _GOOD.search(turn.text):
        return "good"
    return "thanks" if turn.intent == "thank" else None


def is_membership(text: str) -> bool:
    """Whether it only says which kind of member somebody is."""
    return _MEMBERSHIP.search(text) is not None


def expects_a_call(turn: Turn) -> bool:
    """Whether the customer thinks that somebody will ring or write: then it must be said that nobody does."""
    offered = str(turn.slot("offer") or "").startswith("person")
    return _CALL_BACK.search(turn.text) is not None or (offered and "phone" in turn.entities)


def only_agrees(text: str) -> bool:
    """Agreement with what was said ("exactly!"), which accepts nothing that was merely mentioned."""
    return _AGREES.search(text) is not None
