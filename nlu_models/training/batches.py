"""What the network is shown: utterances with their labels, changed and put together anew in each epoch."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from nlu_models.runtime.reading import readable
from nlu_models.runtime.wishes import OUT_OF_SCOPE, TALK
from nlu_models.training.augment import augment, decorate, join
from nlu_models.training.base_model import BaseModel
from nlu_models.training.dataset import Row
from nlu_models.training.recipe import Recipe

#: The sentiment of a row that teaches none; the loss leaves it out.
NO_LABEL = -100

#: What a courtesy would make another message of.
COURTESIES = TALK - {OUT_OF_SCOPE}

#: Batches among which utterances are sorted by length. With more, less of a batch is padding (a third of it when they
#: are sorted by characters within 16, an eighth by tokens within 16, a twentieth within 64), but epochs are more alike.
STRETCH = 64


@dataclass(frozen=True)
class Example:
    """An utterance with the numbers of its labels.

    Attributes:
        intents: of a row that teaches intents: one, or two when two utterances were joined; else none.
        border: where the second of two joined utterances begins, in characters of the readable text.
        sentiment: its number, or `NO_LABEL`.
    """

    text: str
    intents: tuple[int, ...] = ()
    border: int = 0
    sentiment: int = NO_LABEL


def examples(rows: list[Row], names: tuple[str, ...], *, of_sentiment: bool = False) -> list[Example]:
    """Rows with the numbers of their labels."""
    numbers = {name: number for number, name in enumerate(names)}
    if of_sentiment:
        return [Example(row.text, sentiment=numbers[row.label]) for row in rows]
    return [Example(row.text, intents=(numbers[row.label],)) for row in rows]


def batches(
    train: list[Example],
    intents: tuple[str, ...],
    tokenizer: Tokenizer,
    recipe: Recipe,
    chance: random.Random,
) -> Iterator[list[Example]]:
    """One epoch. Utterances of as many tokens share a batch, within a stretch: hardly any padding, half the time."""
    order = _of_epoch(train, recipe, chance)
    wishes = [example for example in train if example.intents and intents[example.intents[0]] not in TALK]
    changed = [_changed(example, wishes, intents, recipe, chance) for example in order]
    stretch = recipe.batch_size * STRETCH
    for begin in range(0, len(changed), stretch):
        by_length = _by_length(changed[begin : begin + stretch], tokenizer)
        starts = list(range(0, len(by_length), recipe.batch_size))
        chance.shuffle(starts)
        for first in starts:
            yield by_length[first : first + recipe.batch_size]


def _by_length(some: list[Example], tokenizer: Tokenizer) -> list[Example]:
    encodings = tokenizer.encode_batch([readable(example.text) for example in some])
    lengths = [len(encoding.ids) for encoding in encodings]
    return [some[place] for place in sorted(range(len(some)), key=lengths.__getitem__)]


def steps_an_epoch(train: list[Example], recipe: Recipe) -> int:
    """How many batches an epoch has."""
    return -(-len(_of_epoch(train, recipe, random.Random(0))) // recipe.batch_size)


def _of_epoch(train: list[Example], recipe: Recipe, chance: random.Random) -> list[Example]:
    moods = [example for example in train if not example.intents]
    order = [example for example in train if example.intents]
    order += chance.sample(moods, round(len(moods) * recipe.sentiments_an_epoch))
    chance.shuffle(order)
    return order


def _changed(
    example: Example, wishes: list[Example], intents: tuple[str, ...], recipe: Recipe, chance: random.Random
) -> Example:
    text = _augmented(example.text, recipe, chance)
    wish = bool(example.intents) and intents[example.intents[0]] not in COURTESIES
    if wish and chance.random() < recipe.decorated:
        text = decorate(text, chance)
    if example.intents and intents[example.intents[0]] not in TALK and chance.random() < recipe.joined:
        other = chance.choice(wishes)
        if other.intents != example.intents:
            second = readable(_augmented(other.text, recipe, chance))
            text = join(readable(text), second, chance)
            return replace(
                example,
                text=text,
                intents=(*example.intents, *other.intents),
                border=len(text) - len(second),
            )
    return replace(example, text=text)


def _augmented(text: str, recipe: Recipe, chance: random.Random) -> str:
    return augment(text, chance) if chance.random() < recipe.augmented else text


def tokenizer_of(base: BaseModel, max_tokens: int) -> Tokenizer:
    """The tokeniser of the base model, cutting at `max_tokens`."""
    tokenizer = Tokenizer.from_file(str(base.folder / "tokenizer.json"))
    tokenizer.enable_truncation(max_length=max_tokens)
    tokenizer.no_padding()
    return tokenizer


def encode(tokenizer: Tokenizer, texts: list[str]) -> tuple[Tensor, Tensor]:
    """Token ids and mask, padded to the longest."""
    return pad(tokenizer.encode_batch([readable(text) for text in texts]))


def pad(encodings: list[Any]) -> tuple[Tensor, Tensor]:
    """Token ids and mask of encoded texts, padded to the longest."""
    width = max(len(encoding.ids) for encoding in encodings)
    ids = torch.zeros(len(encodings), width, dtype=torch.long)
    mask = torch.zeros(len(encodings), width, dtype=torch.long)
    for place, encoding in enumerate(encodings):
        ids[place, : len(encoding.ids)] = torch.tensor(encoding.ids)
        mask[place, : len(encoding.ids)] = 1
    return ids, mask


def halves(examples: list[Example], encodings: list[Any], width: int) -> tuple[Tensor, Tensor]:
    """Masks (examples, tokens) of the tokens before and after the border of joined utterances."""
    before = torch.zeros(len(examples), width)
    after = torch.zeros(len(examples), width)
    for row, (example, encoding) in enumerate(zip(examples, encodings, strict=True)):
        for token, (begin, end) in enumerate(encoding.offsets):
            # The tokens that the tokeniser adds stand for no characters.
            if end > begin:
                (before if begin < example.border else after)[row, token] = 1
    return before, after
