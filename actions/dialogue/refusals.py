"""Words that want nothing done: "no thank you", "never mind", "leave it as it is"; and "cancel", which may mean that."""

import re

from actions.turn import Turn

_NO = re.compile(
    r"^\W*(no|nope|nah|stop|abort|quit|never ?mind|forget (it|about it)|leave it|don'?t|do not|not now)\b",
    re.I,
)
_STOP = re.compile(
    r"""^\W*(stop|abort|quit
        |((ok|okay|oh|well|hmm|right|then|just)\W+)*
            (never\ ?mind|forget\ (it|about\ it)
            |leave\ (it|them|that)(?!\ (with|in|by|behind|outside|next|under|on|to|at\ (?!that\b))\b)))\b""",
    re.I | re.X,
)
#: Nothing but a refusal; "no, the kettle" and "no reason really" are answers.
_ONLY_NO = re.compile(
    r"""^\W*(no|nope|nah|don'?t|do\ not|not\ now)\b\W*
        (please|thanks?|thank\ you|ta|cheers|don'?t|(don'?t\ |do\ not\ )?do\ (it|that|this)|leave\ it|that'?s\ (it|all|fine)|i'?m\ (fine|good|ok))?\W*$""",
    re.I | re.X,
)
_NO_IDEA = re.compile(
    r"\b(no (idea|clue)|not sure|(don'?t|do not|can'?t) (know|have|remember|find|see))\b", re.I
)
_POLITE_NO = re.compile(r"^\W*no (worries|problem|prob|rush|hurry|bother)\b", re.I)
#: Whole messages: what leads up to it, what is to stay or not to be done, and a courtesy at the end.
_LEFT_ALONE = re.compile(
    r"""\W*
        ((no|nope|nah|ok|okay|oh|well|hmm|right|then|just|actually|please|sorry|you\ know\ what|on\ second\ thoughts?
            |i\ think|i'?ll|i\ will|i'?d\ rather|let'?s|let\ us|we'?ll|(can|could)\ (you|we)|better)\W+)*
        ((leave|keep)\ (it|them|that|this|things|all|everything
                |(the|my|this|that)\ ((old|same|original|current|first)\ )?
                    (order|day|date|time|delivery|address)s?)
            (\ (as|how|the\ way|like)\ (it|they|that|this|things)(\ ?('?s|is|are|was|were))?(\ now)?
                |\ as\ (planned|agreed|before)|\ alone|\ be|\ there|\ at\ that|\ unchanged)?
        |(don'?t|do\ not|no\ need\ to)\ (bother|(change|do|touch)\ (anything|it|a\ thing)|worry(\ about\ (it|that))?))
        (\W+(please|thanks|thank\ you|then|ta|cheers|sorry|i\ think|actually|after\ all|for\ now))*\W*""",
    re.I | re.X,
)
_ONLY_CANCEL = re.compile(
    r"\W*((no|ok|okay|oh|just|please|wait|actually)\W+)*cancel(\W+(please|thanks|now))*\W*", re.I
)


def stops(turn: Turn, asked: str) -> bool:
    """Whether the message ends the form: a refusal, and not an answer that only begins like one."""
    if _POLITE_NO.search(turn.text) or _NO_IDEA.search(turn.text):
        return False
    if gives_up(turn.text):
        return True
    if asked == "confirmed":
        return turn.intent == "deny" or _NO.search(turn.text) is not None
    return turn.intent == "deny" and len(turn.text.split()) <= 2


def gives_up(text: str) -> bool:
    """Whether it is nothing but a refusal, however politely: "no thank you", "never mind"."""
    return _STOP.search(text) is not None or _ONLY_NO.search(text) is not None or leaves_alone(text)


def leaves_alone(text: str) -> bool:
    """Whether it wants all to stay as it is, and nothing else: "no, leave it as it is", "keep the old day"."""
    return _LEFT_ALONE.fullmatch(text) is not None


def only_cancels(text: str) -> bool:
    """Whether it is "cancel" and does not say what: what is being done now, or an order."""
    return _ONLY_CANCEL.fullmatch(text) is not None
