"""Yes and no to an act that name it: "yes cancel it", "please don't cancel", whatever intent was understood."""

import re

_KEEPS = re.compile(r"\bkeep (it|them|this|that|my order|the order|this order|that order)\b", re.I)
_CANNOT_KEEP = re.compile(r"(can.?t|cannot|not|n.t)\b.*\bkeep\b", re.I)
_FILLERS = (
    r"(please|you|ever|want|wish|need|to|it|that|this|them|anything|my order|the order|actually|just|be)"
)
_NEGATIONS = r"(don.?t|do not|never|must ?n.?t|must not|shouldn.?t|should not|no longer want to|no need to|(asked|said) not to)"
_OBJECTS = r"(it|this|them|(the|my|this|that) (order|lot|one)|(all|both) of (it|them)|everything)"
_LEADS = r"(yes|yep|yeah|yup|aye|ok|okay|sure|please|do|so|just|exactly|correct|right|go on|go ahead|i want to|and|then)"
_ENDS = r"(please|thanks|thank you|now|then|yes|for me|ta|cheers)"
_SAYS_YES = re.compile(r"\b(yes|yep|yeah|yup|aye|ok|okay|sure)\b", re.I)


def refuses(text: str, verbs: str, *, asked_to_confirm: bool = False) -> bool:
    """Whether the act is refused by name: "don't cancel it", "I no longer want to return it".

    Args:
        verbs: how the act is called, as alternatives of a regular expression.
        asked_to_confirm: the question was whether to do it, so that "I'll keep it" is a refusal too.
    """
    if re.search(r"\bwhy\b", text, re.I):
        return False
    if asked_to_confirm and _KEEPS.search(text) and not _CANNOT_KEEP.search(text):
        return True
    by_name = rf"\b({_NEGATIONS}\s+({_FILLERS}\s+)*({verbs})\w*|no ({verbs})\w*ing)\b"
    return re.search(by_name, text, re.I) is not None


def accepts(text: str, verbs: str) -> bool:
    """Whether the act is accepted by name, with nothing beside: "yes cancel it", "send it back please, yes".

    The wish said once more ("cancel my order") is no yes to the summary.
    """
    whole = rf"\W*({_LEADS}\W+)*({verbs})(\s+({_OBJECTS}|that))?(\s+back)?(\W+{_ENDS})*\W*"
    return _SAYS_YES.search(text) is not None and re.fullmatch(whole, text, re.I) is not None
