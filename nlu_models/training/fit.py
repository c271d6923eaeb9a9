"""Fine-tuning: both heads learn in every batch, the better epoch on the validation part is kept."""

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from nlu_models.runtime.encoder import readable
from nlu_models.training.augment import augment
from nlu_models.training.base_model import BaseModel
from nlu_models.training.dataset import Row
from nlu_models.training.network import TwoHeads, bfloat16_pays
from nlu_models.training.recipe import Recipe
from nlu_models.training.split import Split

#: The label of a row for the head that it does not teach; the loss leaves it out.
NO_LABEL = -100

#: Batches among which utterances are sorted by length.
STRETCH = 16


@dataclass(frozen=True)
class Example:
    """An utterance with its label numbers, one of them perhaps `NO_LABEL`."""

    text: str
    intent: int
    sentiment: int


@dataclass(frozen=True)
class Progress:
    """Where a training is: `step` of `steps`, and after an epoch how it does on the validation part."""

    step: int
    steps: int
    epoch: int
    loss: float
    intent_accuracy: float | None = None
    sentiment_accuracy: float | None = None


@dataclass(frozen=True)
class Fitted:
    """The network of the best epoch, and how the training went."""

    network: TwoHeads
    best_epoch: int
    epochs: int


def fit(
    intents: Split,
    sentiments: Split,
    labels: tuple[tuple[str, ...], tuple[str, ...]],
    base: BaseModel,
    recipe: Recipe,
    *,
    report: Callable[[Progress], None] = lambda _: None,
) -> Fitted:
    """Fine-tune on the train parts; `labels` are the names of intents and of sentiments in order."""
    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)
    train = [*examples(intents.train, labels[0], None), *examples(sentiments.train, None, labels[1])]
    network = TwoHeads(base.folder, len(labels[0]), len(labels[1]), recipe.dropout)
    tokenizer = Tokenizer.from_file(str(base.folder / "tokenizer.json"))
    tokenizer.enable_truncation(max_length=recipe.max_tokens)
    tokenizer.no_padding()
    optimizer = _optimizer(network, recipe)
    steps = recipe.epochs * -(-len(train) // recipe.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps, recipe.warm_up))
    best: tuple[float, float] | None = None
    best_epoch = 0
    best_weights = network.state_dict()
    step = 0
    epoch = 0
    for epoch in range(1, recipe.epochs + 1):
        network.train()
        loss = 0.0
        for batch in _batches(train, recipe, chance):
            loss = _learn(network, tokenizer, batch, optimizer, recipe)
            schedule.step()
            step += 1
            report(Progress(step, steps, epoch, loss))
        on_intents = _judge(network, tokenizer, examples(intents.validation, labels[0], None))
        on_sentiments = _judge(network, tokenizer, examples(sentiments.validation, None, labels[1]))
        report(Progress(step, steps, epoch, loss, on_intents.accuracy, on_sentiments.accuracy))
        score = (on_intents.accuracy + on_sentiments.accuracy, -on_intents.loss - on_sentiments.loss)
        if best is None or score > best:
            best, best_epoch, best_weights = score, epoch, copy.deepcopy(network.state_dict())
        elif epoch - best_epoch >= recipe.patience:
            break
    network.load_state_dict(best_weights)
    network.eval()
    return Fitted(network, best_epoch, epoch)


def examples(
    rows: list[Row], intents: tuple[str, ...] | None, sentiments: tuple[str, ...] | None
) -> list[Example]:
    """Rows of one head with the numbers of their labels."""
    return [
        Example(
            row.text,
            intents.index(row.label) if intents else NO_LABEL,
            sentiments.index(row.label) if sentiments else NO_LABEL,
        )
        for row in rows
    ]


def encode(tokenizer: Tokenizer, texts: list[str]) -> tuple[Tensor, Tensor]:
    """Token ids and mask, padded to the longest."""
    encodings = tokenizer.encode_batch([readable(text) for text in texts])
    width = max(len(encoding.ids) for encoding in encodings)
    ids = torch.zeros(len(texts), width, dtype=torch.long)
    mask = torch.zeros(len(texts), width, dtype=torch.long)
    for place, encoding in enumerate(encodings):
        ids[place, : len(encoding.ids)] = torch.tensor(encoding.ids)
        mask[place, : len(encoding.ids)] = 1
    return ids, mask


def _optimizer(network: TwoHeads, recipe: Recipe) -> torch.optim.Optimizer:
    heads = [*network.intents.parameters(), *network.sentiments.parameters()]
    of_encoder = [parameter for parameter in network.encoder.parameters() if parameter.requires_grad]
    # Biases and the scales of layer normalisation are vectors; decay is for matrices.
    return torch.optim.AdamW(
        [
            {
                "params": [parameter for parameter in of_encoder if parameter.ndim > 1],
                "lr": recipe.learning_rate,
                "weight_decay": recipe.weight_decay,
            },
            {
                "params": [parameter for parameter in of_encoder if parameter.ndim <= 1],
                "lr": recipe.learning_rate,
                "weight_decay": 0.0,
            },
            {"params": heads, "lr": recipe.head_learning_rate, "weight_decay": recipe.weight_decay},
        ]
    )


def _rate(step: int, steps: int, warm_up: float) -> float:
    """Share of the full learning rate: up in a line, then down in a line to nothing."""
    rising = max(1, round(steps * warm_up))
    return (step + 1) / rising if step < rising else max(0.0, (steps - step) / max(1, steps - rising))


def _batches(train: list[Example], recipe: Recipe, chance: random.Random) -> Iterator[list[Example]]:
    order = list(train)
    chance.shuffle(order)
    changed = [
        Example(augment(example.text, chance), example.intent, example.sentiment)
        if chance.random() < recipe.augmented
        else example
        for example in order
    ]
    # Utterances of like length share a batch, within a stretch: less padding, less than half the time.
    stretch = recipe.batch_size * STRETCH
    for begin in range(0, len(changed), stretch):
        by_length = sorted(changed[begin : begin + stretch], key=lambda example: len(example.text))
        starts = list(range(0, len(by_length), recipe.batch_size))
        chance.shuffle(starts)
        for first in starts:
            yield by_length[first : first + recipe.batch_size]


def _learn(
    network: TwoHeads,
    tokenizer: Tokenizer,
    batch: list[Example],
    optimizer: torch.optim.Optimizer,
    recipe: Recipe,
) -> float:
    ids, mask = encode(tokenizer, [example.text for example in batch])
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16_pays()):
        intent_logits, sentiment_logits = network(ids, mask)
    loss = _loss(intent_logits, [example.intent for example in batch], recipe.label_smoothing)
    loss = loss + _loss(sentiment_logits, [example.sentiment for example in batch], recipe.label_smoothing)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def _loss(logits: Tensor, labels: list[int], smoothing: float) -> Tensor:
    if all(label == NO_LABEL for label in labels):
        return logits.sum() * 0.0  # the mean over no row would be no number
    return functional.cross_entropy(
        logits.float(), torch.tensor(labels), ignore_index=NO_LABEL, label_smoothing=smoothing
    )


@dataclass(frozen=True)
class _Judgement:
    accuracy: float
    loss: float


def _judge(network: TwoHeads, tokenizer: Tokenizer, rows: list[Example]) -> _Judgement:
    network.eval()
    by_intent = rows[0].intent != NO_LABEL
    scores = []
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16_pays()):
        for first in range(0, len(rows), 64):
            outputs = network(*encode(tokenizer, [row.text for row in rows[first : first + 64]]))
            scores.append(outputs[0 if by_intent else 1].float())
    logits = torch.cat(scores)
    labels = torch.tensor([row.intent if by_intent else row.sentiment for row in rows])
    return _Judgement(
        accuracy=float(np.mean((logits.argmax(dim=-1) == labels).numpy())),
        loss=float(functional.cross_entropy(logits, labels)),
    )
