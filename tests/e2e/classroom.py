"""A little of the real data in a folder of its own: a trainer of a test may change it, and it is learnt in a minute."""

import re
import shutil
from pathlib import Path

from ops.layout import CHECKOUT
from web.training.settings import DECISIONS, DOMAIN, MOODS, NLU, PERSONAS, VARIANTS
from web.training.utterance_blocks import MOODS as MOOD
from web.training.utterance_blocks import NLU as INTENT
from web.training.utterance_blocks import blocks

#: What is learnt of all the intents: enough for talk about an order.
INTENTS = {
    *("track_order", "cancel_order", "change_order", "return_item", "get_refund", "complaint"),
    *("contact_human_agent", "greet", "thank", "affirm", "deny", "inform", "out_of_scope"),
}
#: Utterances of a block; most intents have three, out of scope four, each mood eight.
UTTERANCES, OUT_OF_SCOPE, MESSAGES = 15, 35, 4
#: Marks that only the recogniser learns from, which has a training of its own.
_OTHER_MARK = re.compile(r"\]\((?!order_id\))|\]\{")


def furnish(room: Path) -> None:
    """Fill a folder with all that is taught, as in a checkout, with fewer utterances."""
    for path in (DECISIONS, VARIANTS):
        shutil.copytree(CHECKOUT / path, room / path)
    for path in (DOMAIN, PERSONAS):
        (room / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / path, room / path)
    for folder, kind in ((NLU, INTENT), (MOODS, MOOD)):
        (room / folder).mkdir(parents=True)
        for file in sorted((CHECKOUT / folder).glob("*.yml")):
            text = _thinned(file.read_text(encoding="utf-8"), kind)
            if text:
                (room / folder / file.name).write_text(text, encoding="utf-8")


def _thinned(text: str, kind: tuple[str, str]) -> str:
    """A file of the same blocks with some utterances each; empty when no block of it is wanted."""
    top, key = kind
    version = '"3.1"' if kind == INTENT else "1"
    written = ""
    for block in blocks(text, kind):
        if kind == INTENT and block.label not in INTENTS:
            continue
        number = MESSAGES if kind == MOOD else OUT_OF_SCOPE if block.label == "out_of_scope" else UTTERANCES
        usable = [utterance for utterance in block.utterances if not _OTHER_MARK.search(utterance)]
        step = max(1, len(usable) // number)
        chosen = "".join(f"      - {utterance}\n" for utterance in usable[::step][:number])
        # A block may have none that only the encoder learns from.
        if not chosen:
            continue
        written += f"  - {key}: {block.label}\n    examples: |\n{chosen}"
    return f"version: {version}\n{top}:\n{written}" if written else ""
