"""Fine-tuning: both heads learn in every batch, the better epoch on the validation part is kept."""

import copy
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from nlu_models.training.base_model import BaseModel
from nlu_models.training.batches import (
    NO_LABEL,
    Example,
    batches,
    encode,
    examples,
    steps_an_epoch,
    tokenizer_of,
)
from nlu_models.training.learner import Learner
from nlu_models.training.network import TwoHeads, bfloat16_pays, mean_of, start_heads_from_means
from nlu_models.training.recipe import Recipe
from nlu_models.training.split import Parts

#: Utterances of a label by whose mean its head begins.
MEANT = 10


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
    parts: Parts,
    base: BaseModel,
    recipe: Recipe,
    *,
    report: Callable[[Progress], None] = lambda _: None,
) -> Fitted:
    """Fine-tune on the train parts.

    Without sentiments there is no head for them; without validation rows the last epoch is kept.
    """
    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)
    intent_names, sentiment_names = parts.intent_names, parts.sentiment_names
    train = [
        *examples(parts.intents.train, intent_names),
        *examples(parts.sentiments.train, sentiment_names, of_sentiment=True),
    ]
    checked = (
        examples(parts.intents.validation, intent_names),
        examples(parts.sentiments.validation, sentiment_names, of_sentiment=True),
    )
    network = TwoHeads(base.folder, len(intent_names), len(sentiment_names), recipe)
    tokenizer = tokenizer_of(base, recipe.max_tokens)
    _start_heads(network, tokenizer, train, recipe)
    optimizer = _optimizer(network, recipe)
    learner = Learner(network, tokenizer, optimizer, len(parts.intents.train), recipe)
    steps = recipe.epochs * steps_an_epoch(train, recipe)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps, recipe.warm_up))
    best: tuple[float, float] | None = None
    best_epoch = 0
    best_weights = network.state_dict()
    step = 0
    epoch = 0
    for epoch in range(1, recipe.epochs + 1):
        network.train()
        loss = 0.0
        for batch in batches(train, intent_names, tokenizer, recipe, chance):
            loss = learner.learn(batch)
            schedule.step()
            step += 1
            report(Progress(step, steps, epoch, loss))
        on_intents, on_sentiments = (_judge(network, tokenizer, rows) for rows in checked)
        report(
            Progress(
                step,
                steps,
                epoch,
                loss,
                on_intents.accuracy if checked[0] else None,
                on_sentiments.accuracy if checked[1] else None,
            )
        )
        score = (on_intents.accuracy + on_sentiments.accuracy, -on_intents.loss - on_sentiments.loss)
        if best is None or score > best or not any(checked):
            best, best_epoch, best_weights = score, epoch, copy.deepcopy(network.state_dict())
        elif epoch - best_epoch >= recipe.patience:
            break
    network.load_state_dict(best_weights)
    network.eval()
    return Fitted(network, best_epoch, epoch)


def sentence_vectors(network: TwoHeads, tokenizer: Tokenizer, texts: list[str]) -> Tensor:
    """The sentence vectors of `texts`, (messages, width), by the network in 32 bits."""
    network.eval()
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    found: list[Tensor] = []
    with torch.inference_mode():
        for first in range(0, len(order), 64):
            places = order[first : first + 64]
            ids, mask = encode(tokenizer, [texts[place] for place in places])
            found.append(mean_of(network.token_vectors(ids, mask), mask))
    vectors = torch.cat(found)
    # Not an inference tensor any more, so that it may begin a head.
    return vectors[torch.argsort(torch.tensor(order))].clone()


def _start_heads(network: TwoHeads, tokenizer: Tokenizer, train: list[Example], recipe: Recipe) -> None:
    for head, label_of in ((network.intents, _intent_of), (network.sentiments, _sentiment_of)):
        if head is None:
            continue
        some = _some_of_each(train, label_of)
        labels = torch.tensor([label_of(example) for example in some])
        vectors = sentence_vectors(network, tokenizer, [example.text for example in some])
        start_heads_from_means(head, vectors, labels, recipe.head_scale)


def _intent_of(example: Example) -> int:
    return example.intents[0] if example.intents else NO_LABEL


def _sentiment_of(example: Example) -> int:
    return example.sentiment


def _some_of_each(train: list[Example], label_of: Callable[[Example], int]) -> list[Example]:
    """The first `MEANT` examples of each label: enough for a mean."""
    of_label: dict[int, list[Example]] = defaultdict(list)
    for example in train:
        label = label_of(example)
        if label != NO_LABEL and len(of_label[label]) < MEANT:
            of_label[label].append(example)
    return [example for some in of_label.values() for example in some]


def _optimizer(network: TwoHeads, recipe: Recipe) -> torch.optim.Optimizer:
    heads = [head for head in (network.intents, network.sentiments) if head is not None]
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
            {
                "params": [parameter for head in heads for parameter in head.parameters()],
                "lr": recipe.head_learning_rate,
                "weight_decay": recipe.weight_decay,
            },
        ],
        fused=True,
    )


def _rate(step: int, steps: int, warm_up: float) -> float:
    """Share of the full learning rate: up in a line, then down in a line to nothing."""
    rising = max(1, round(steps * warm_up))
    return (step + 1) / rising if step < rising else max(0.0, (steps - step) / max(1, steps - rising))


@dataclass(frozen=True)
class _Judgement:
    accuracy: float
    loss: float


def _judge(network: TwoHeads, tokenizer: Tokenizer, rows: list[Example]) -> _Judgement:
    if not rows:
        return _Judgement(0.0, 0.0)
    network.eval()
    by_intent = bool(rows[0].intents)
    order = sorted(rows, key=lambda row: len(row.text))
    scores = []
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16_pays()):
        for first in range(0, len(order), 64):
            outputs = network(*encode(tokenizer, [row.text for row in order[first : first + 64]]))
            scores.append(outputs[0 if by_intent else 1].float())
    logits = torch.cat(scores)
    labels = torch.tensor([row.intents[0] if by_intent else row.sentiment for row in order])
    return _Judgement(
        accuracy=float((logits.argmax(dim=-1) == labels).float().mean()),
        loss=float(functional.cross_entropy(logits, labels)),
    )
