"""Adversarial training: what is learnt has to hold when the word vectors move to where that hurts most.

Miyato, Dai and Goodfellow, "Adversarial Training Methods for Semi-Supervised Text Classification" (2017), equation 5.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.watching = False
        self.seen: Tensor | None = None
        self.shift: Tensor | None = None


class Adversary:
    """Sees the word vectors of a pass and moves those of another, of whichever thread makes it.

    Args:
        words: the layer that gives (messages, tokens, width) vectors.
        length: how far a message's vectors are moved, all of them together.
    """

    def __init__(self, words: nn.Module, length: float) -> None:
        self._length = length
        self._here = _OfThread()
        words.register_forward_hook(self._of_words)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """In it, `seen` is what the words of this thread's last pass were, for a gradient."""
        self._here.watching = True
        try:
            yield
        finally:
            self._here.watching = False

    @property
    def seen(self) -> Tensor:
        """The word vectors of the pass that was watched.

        Raises:
            RuntimeError: there was none.
        """
        if self._here.seen is None:
            raise RuntimeError("no pass was watched in this thread")
        return self._here.seen

    @contextmanager
    def moving(self, gradient: Tensor) -> Iterator[None]:
        """In it, word vectors are moved along the loss's `gradient` for them, which has their shape."""
        lengths = gradient.flatten(1).norm(dim=1).clamp(min=1e-12)
        self._here.shift = self._length * gradient / lengths[:, None, None]
        try:
            yield
        finally:
            self._here.shift = None

    def _of_words(self, _module: nn.Module, _inputs: Any, vectors: Tensor) -> Tensor | None:
        if self._here.shift is not None:
            return vectors + self._here.shift
        if self._here.watching:
            self._here.seen = vectors.detach().requires_grad_()
            return self._here.seen
        return None
