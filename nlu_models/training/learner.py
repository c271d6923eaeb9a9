"""One step of the training: the loss of a batch, its gradients on all cores, the change of the weights."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from nlu_models.runtime.reading import readable
from nlu_models.training.adversary import Adversary
from nlu_models.training.batches import NO_LABEL, Example, halves, pad
from nlu_models.training.contrast import Memory
from nlu_models.training.dropout import seed_dropout
from nlu_models.training.network import TwoHeads, bfloat16_pays, mean_of
from nlu_models.training.recipe import Recipe

#: A part of a batch that is smaller leaves a core waiting for its weights.
_LEAST_PART = 8


class Learner:
    """Teaches a network batch by batch.

    Each core has a part of the batch and one thread of its own: many small operations on one core each waste less
    than each operation on all (143 examples/s against 122 on two cores), and a busy core delays only itself.
    """

    def __init__(
        self,
        network: TwoHeads,
        tokenizer: Tokenizer,
        optimizer: torch.optim.Optimizer,
        intent_rows: int,
        recipe: Recipe,
    ) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._optimizer = optimizer
        self._memory = Memory(min(recipe.memory, intent_rows))
        self._recipe = recipe
        self._adversary = Adversary(network.words, recipe.adversary) if recipe.adversary else None
        self._weights = [weight for weight in network.parameters() if weight.requires_grad]
        self._cores = torch.get_num_threads()
        self._pool = ThreadPoolExecutor(self._cores, initializer=torch.set_num_threads, initargs=(1,))
        self._steps = 0

    def learn(self, batch: list[Example]) -> float:
        """Change the weights by one batch; returns its loss."""
        parts = self._parts(batch)
        self._steps += 1
        done = list(self._pool.map(self._gradients, parts, [len(batch)] * len(parts), range(len(parts))))
        gradients = done[0][1]
        for _, more, _ in done[1:]:
            torch._foreach_add_(gradients, more)
        for weight, gradient in zip(self._weights, gradients, strict=True):
            weight.grad = gradient
        torch.nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimizer.step()
        for _, _, (vectors, labels) in done:
            self._memory.remember(vectors, labels)
        return sum(loss for loss, _, _ in done)

    def _parts(self, batch: list[Example]) -> list[list[Example]]:
        count = max(1, min(self._cores, len(batch) // _LEAST_PART))
        return [batch[number::count] for number in range(count)]

    def _gradients(
        self, part: list[Example], of_batch: int, number: int
    ) -> tuple[float, list[Tensor], tuple[Tensor, Tensor]]:
        # Whichever thread has the part, its dropout is the same.
        seed_dropout(hash((self._recipe.seed, self._steps, number)))
        if self._adversary is None:
            loss, vectors, labels = self._loss(part)
            return float(loss.detach()) / of_batch, self._of_weights(loss / of_batch), (vectors, labels)
        with self._adversary.watching():
            loss, vectors, labels = self._loss(part)
        loss = loss / of_batch
        *found, of_words = torch.autograd.grad(
            loss, [*self._weights, self._adversary.seen], allow_unused=True
        )
        with self._adversary.moving(of_words):
            moved = self._loss(part)[0] / of_batch
        gradients = self._of_weights(moved)
        torch._foreach_add_(gradients, self._filled(found))
        torch._foreach_mul_(gradients, 0.5)
        return float(loss.detach()), gradients, (vectors, labels)

    def _of_weights(self, loss: Tensor) -> list[Tensor]:
        return self._filled(torch.autograd.grad(loss, self._weights, allow_unused=True))

    def _filled(self, gradients: Sequence[Tensor | None]) -> list[Tensor]:
        return [
            torch.zeros_like(weight) if gradient is None else gradient
            for weight, gradient in zip(self._weights, gradients, strict=True)
        ]

    def _loss(self, part: list[Example]) -> tuple[Tensor, Tensor, Tensor]:
        """The losses of the rows, summed; the sentence vectors of the rows with one intent, and their labels."""
        network, recipe = self._network, self._recipe
        encodings = self._tokenizer.encode_batch([readable(example.text) for example in part])
        ids, mask = pad(encodings)
        joined = [place for place, example in enumerate(part) if len(example.intents) == 2]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16_pays()):
            outputs = network(ids, mask)
            masks = halves(
                [part[place] for place in joined], [encodings[place] for place in joined], ids.shape[1]
            )
            of_halves = [
                network.intents(network.dropout(mean_of(outputs[-1][joined], half))) for half in masks
            ]
        loss = _cross_entropy(outputs[0], [example.intents for example in part], recipe.label_smoothing)
        for number, scores in enumerate(of_halves):
            labels = [part[place].intents[number : number + 1] for place in joined]
            loss = loss + _cross_entropy(scores, labels, recipe.label_smoothing)
        if network.sentiments is not None:
            moods = [() if example.sentiment == NO_LABEL else (example.sentiment,) for example in part]
            of_moods = _cross_entropy(outputs[1], moods, recipe.label_smoothing)
            loss = loss + recipe.sentiment_weight * of_moods
        of_one = [place for place, example in enumerate(part) if len(example.intents) == 1]
        vectors = outputs[-2][of_one]
        names = torch.tensor([part[place].intents[0] for place in of_one], dtype=torch.long)
        if recipe.contrast and of_one:
            contrast = self._memory.loss(vectors, names, recipe.contrast_temperature)
            loss = loss + recipe.contrast * len(of_one) * contrast
        return loss, vectors.detach(), names


def _cross_entropy(logits: Tensor, labels: Sequence[tuple[int, ...]], smoothing: float) -> Tensor:
    """Cross entropy summed over the rows that have labels; a row of two has half of each."""
    rows = [place for place, of_row in enumerate(labels) if of_row]
    if not rows:
        return logits.sum() * 0.0
    wanted = torch.zeros(len(rows), logits.shape[1])
    for row, place in enumerate(rows):
        wanted[row, list(labels[place])] = 1.0 / len(labels[place])
    return functional.cross_entropy(logits[rows].float(), wanted, label_smoothing=smoothing, reduction="sum")
