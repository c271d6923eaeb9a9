"""E-mail addresses, telephone numbers and names as customers type them."""

import re

_EMAIL = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]{2,}$")
_SPELT_OUT = re.compile(
    r"\b([\w.+-]+)\s*(?:@|\(at\)|\[at\]|\bat\b)\s*([\w-]+(?:\s*(?:\.|\bdot\b)\s*[\w-]+)+)", re.I
)
_PHONE = re.compile(r"(?<![\w@.])(\+?\(?\d[\d\s().-]{6,18}\d)(?![\w@])")
_UK_PHONE = re.compile(r"^(\+44|0)[1-9]\d{8,9}$")
_NAME_LEAD = re.compile(
    r"""^.*?\b((my|the|it)\ ?(new\ |full\ |last\ |first\ |correct\ |right\ )?(name|surname)?\ ?(is|'?s|should\ (be|read)|will\ be)(\ now)?
        |(change|update|correct)\ .*?\bto|to|it'?s|call\ me|i'?m|now|spelt|spelled)\s+(?=[^\s])""",
    re.I | re.X,
)
_NAME = re.compile(r"^[^\W\d_][^\W\d_'’.-]*([ '’-][^\W\d_][^\W\d_'’.-]*\.?){0,4}$")
_LONGEST_NAME = 60
_NO_NAME = re.compile(
    r"\b(what|why|how|where|when|which|who|the|order|email|e-mail|mail|phone|number|address|account|password|yes|no|stop|please"
    r"|don.?t|not|can|could|would|you|want|change|update|name|surname|help|person|nothing|know|idea|later|wait)\b",
    re.I,
)


def email_in(text: str) -> str | None:
    """The last e-mail address in the text, also one spelt out: "maria at example dot com"."""
    plain = [word.strip(".,;:!?()<>\"'") for word in text.split() if "@" in word]
    if found := [word for word in plain if is_email(word)]:
        return found[-1]
    spelt = list(_SPELT_OUT.finditer(text))
    if not spelt:
        return None
    domain = re.sub(r"\s*(\.|\bdot\b)\s*", ".", spelt[-1][2], flags=re.I)
    address = f"{spelt[-1][1]}@{domain}"
    return address if is_email(address) else None


def is_email(text: str) -> bool:
    return _EMAIL.match(text) is not None


def phone_in(text: str) -> str | None:
    """The last thing in the text that is meant as a telephone number, as it was written."""
    found = _PHONE.findall(text)
    return str(found[-1]).strip() if found else None


def is_uk_phone(written: str) -> bool:
    digits = re.sub(r"^0044", "+44", re.sub(r"[\s().-]", "", written.replace("(0)", "")))
    return _UK_PHONE.match(digits) is not None


def name_in(text: str, *, alone: bool) -> str | None:
    """A person's name in the text.

    Args:
        alone: it was asked for, so that the words by themselves can be it.
    """
    words = " ".join(text.split()).strip(' .,!?:;"')
    after = _NAME_LEAD.sub("", words)
    if after == words and not alone:
        return None
    after = re.sub(r"\W*\b(please|thanks|thank you|now|instead|ta|cheers)\W*$", "", after, flags=re.I).strip()
    if len(after) > _LONGEST_NAME or _NO_NAME.search(after) or not _NAME.match(after):
        return None
    return after if any(c.isupper() for c in after) else after.title()
