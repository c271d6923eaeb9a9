"""The summary of a report in plain words: how good, what is confused most, and what to do about it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlu_models.report.part import Confusion, Example, Part
from nlu_models.runtime.wishes import OUT_OF_SCOPE

#: The pairs that the summary names.
PAIRS = 3

# A label with fewer utterances than this share of the other's is outweighed by it.
_OUTWEIGHED = 0.6


@dataclass(frozen=True)
class Source:
    """What is written for an intent in the training data.

    Attributes:
        utterances: how many, those kept out of training included.
        files: where, relative to the checkout.
    """

    utterances: int
    files: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Two intents that are confused, and what to do about it.

    Attributes:
        first, second: `first` is the one that is misread more often.
        forth: messages of `first` that were taken for `second`; back: the other way round.
        advice: sentences for a trainer, with names in backticks.
        examples: one or two of these messages.
    """

    first: str
    second: str
    forth: int
    back: int
    advice: list[str]
    examples: list[Example]


def most_confused(parts: Sequence[Part], sources: Mapping[str, Source]) -> list[Pair]:
    """The pairs of intents that are confused most over all parts, both directions together.

    Intents that the model was not trained on are left out: no utterance mends that, but a training.
    """
    examples: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for part in parts:
        for confusion in part.confusions:
            if confusion.label not in part.unknown:
                examples[confusion.label, confusion.understood].extend(confusion.examples)
    pairs = {tuple(sorted(pair)) for pair in examples}
    both = [_pair(first, second, examples, sources) for first, second in pairs]
    return sorted(both, key=lambda pair: (-(pair.forth + pair.back), pair.first, pair.second))[:PAIRS]


def _pair(
    one: str,
    other: str,
    examples: Mapping[tuple[str, str], list[Example]],
    sources: Mapping[str, Source],
) -> Pair:
    forth, back = examples.get((one, other), []), examples.get((other, one), [])
    if len(back) > len(forth):
        one, other, forth, back = other, one, back, forth
    advice = advise(Confusion(one, other, forth), len(back), sources)
    return Pair(one, other, len(forth), len(back), advice, [*forth, *back][:2])


def advise(confusion: Confusion, back: int, sources: Mapping[str, Source]) -> list[str]:
    """What a trainer can do about messages of one intent that are taken for another.

    Args:
        back: messages that are taken the other way round.
    """
    label, understood = confusion.label, confusion.understood
    if label == OUT_OF_SCOPE:
        return [
            f"These are not for the assistant, but look like `{understood}`. Write messages to `{label}` that"
            f" use the words of `{understood}` for something that the shop does not do{_where(label, sources)}.",
        ]
    if understood == OUT_OF_SCOPE:
        by_threshold = sum(example.likeliest == label for example in confusion.examples)
        return [
            f"These were turned away although they are meant for the assistant. Write more utterances of `{label}`"
            f" in this manner (as short, as long-winded, with such words){_where(label, sources)}.",
            *(
                [f"{_count(by_threshold)} had the right intent, but too low a scope score to be served."]
                if by_threshold
                else []
            ),
        ]
    here, there = sources.get(label), sources.get(understood)
    advice = []
    if back:
        advice.append(
            "It happens in both directions: the border is unclear. Read what `docs/intents.md` says of the two, look"
            " whether any utterance has the wrong label, and write pairs that differ in the one deciding word."
        )
    else:
        advice.append(
            f"It happens in one direction: `{label}` lacks utterances like these. Write new ones in their manner"
            f"{_where(label, sources)}, and look whether `{understood}` holds some that belong to `{label}`."
        )
    if here and there and here.utterances < _OUTWEIGHED * there.utterances:
        advice.append(
            f"`{label}` has {here.utterances} utterances against {there.utterances} of `{understood}`: it needs more."
        )
    return advice


def _where(label: str, sources: Mapping[str, Source]) -> str:
    source = sources.get(label)
    return f" (in {', '.join(f'`{file}`' for file in source.files)})" if source else ""


def _count(number: int) -> str:
    return "One" if number == 1 else str(number)
