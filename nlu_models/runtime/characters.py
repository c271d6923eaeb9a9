"""Characters that are one thing to a customer and another to a pattern: read as the plain one, place by place.

Both functions keep the length, so that what is found in the copy stands at the same place in the message.
"""

import re

# Half a character, which a broken client sends: it can't be encoded, so that no library takes it.
_SURROGATE = re.compile("[\ud800-\udfff]")
_FOREIGN_FIGURE = re.compile(r"[^\D0-9]")

_PLAIN = str.maketrans(
    # No-break and other spaces of a set width, with those of no width that pasted numbers hold.
    dict.fromkeys("\u00a0\u1680\u202f\u205f\u3000\u200b\u2060\ufeff", " ")
    | {chr(code): " " for code in range(0x2000, 0x200B)}
    # Hyphens, dashes and the minus.
    | dict.fromkeys("\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
    # Patterns that ignore case take these for i, s and k.
    | {"\u0130": "i", "\u0131": "i", "\u017f": "s", "\u212a": "k"}
)


def plain(text: str) -> str:
    """`text` with plain spaces, hyphens, letters and figures, as patterns expect them."""
    if text.isascii():
        return text
    return _FOREIGN_FIGURE.sub(lambda figure: str(int(figure.group())), text.translate(_PLAIN))


def encodable(text: str) -> str:
    """`text` with the replacement character (U+FFFD) for each lone surrogate."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
