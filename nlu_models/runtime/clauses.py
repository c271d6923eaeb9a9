"""The clauses of a message, each of which may hold a wish of its own."""

import re

#: More wishes than this are not looked for in one message.
MOST_CLAUSES = 5

# A clause of one word is rarely a wish; it stays with its neighbour.
_FEWEST_WORDS = 2

# The end of a sentence, or a word that adds: before these words a second wish begins. The bare "and" joins
# things as often as clauses, so it needs a word after it with which a clause begins.
# A run of spaces or signs is read from its beginning alone: from each of its places, long ones would take seconds.
_BORDER = re.compile(
    r"""(?<![.!?;\n])[.!?;\n]+(?=\s|$)
      | (?<!\s)\s+[-–—]+\s+
      | (?:,|(?<![\s,]))\s+(?:and\s+also|and\s+then|and\s+another\s+thing|also|plus|as\s+well\s+as|besides|oh\s+and|while\s+i)\b
      | (?:,|(?<![\s,]))\s+(?:and|n|&|or|but)\s+(?=(?:i|i'?[dm]|i'?ll|is|are|am|can|could|would|will|when|where|wheres|what|whats
            |which|who|why|how|hows|do|does|did|has|have|please|pls|tell|send|give|cancel|change|refund
            |return|update|delete|remove|add|track|check|explain|confirm|let|if)\b)
      | ,\s+(?=(?:can|could|would|will|when|where|what|which|how|do|does|please|pls|and|also|i)\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)


def clauses(text: str) -> list[tuple[int, int]]:
    """The clauses of `text` in order as spans of characters, at most `MOST_CLAUSES`; one for an undivided text.

    A rough cut: what belongs together and was parted is told by the encoder, which then finds no second wish.
    """
    spans: list[tuple[int, int]] = []
    begin = 0
    for border in _BORDER.finditer(text):
        long_enough = len(text[begin : border.start()].split()) >= _FEWEST_WORDS
        if long_enough and len(spans) < MOST_CLAUSES - 1:
            spans.append((begin, border.start()))
            begin = border.end()
    if len(text[begin:].split()) >= _FEWEST_WORDS or not spans:
        spans.append((begin, len(text)))
    return spans
