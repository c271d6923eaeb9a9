"""Supervised contrastive loss with a memory: messages of one intent draw near, those of others move apart.

Khosla et al., "Supervised Contrastive Learning" (2020), equation 2. Batches that fit a CPU hold few messages of
the same intent; so each is also compared with the sentence vectors of earlier batches, which costs no pass.
"""

import torch
from torch import Tensor
from torch.nn import functional


class Memory:
    """The newest sentence vectors and their labels."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._vectors = torch.zeros(0)
        self._labels = torch.zeros(0, dtype=torch.long)

    def loss(self, vectors: Tensor, labels: Tensor, temperature: float) -> Tensor:
        """The mean loss of (messages, width) vectors with their labels, beside one another and what is remembered.

        A message with none of its label among the others adds nothing.
        """
        directions = functional.normalize(vectors.float(), dim=-1)
        others = torch.cat([directions, self._vectors.view(-1, directions.shape[1])])
        other_labels = torch.cat([labels, self._labels])
        own = torch.eye(len(labels), len(others), dtype=torch.bool)
        likeness = (directions @ others.T / temperature).masked_fill(own, float("-inf"))
        same = (labels[:, None] == other_labels[None]) & ~own
        log_shares = likeness - torch.logsumexp(likeness, dim=1, keepdim=True)
        counts = same.sum(dim=1)
        means = log_shares.masked_fill(~same, 0.0).sum(dim=1) / counts.clamp(min=1)
        return -means[counts > 0].mean() if bool((counts > 0).any()) else means.sum() * 0.0

    def remember(self, vectors: Tensor, labels: Tensor) -> None:
        """Add vectors and forget the oldest."""
        directions = functional.normalize(vectors.float(), dim=-1)
        self._vectors = torch.cat([directions, self._vectors.view(-1, directions.shape[1])])[: self._size]
        self._labels = torch.cat([labels, self._labels])[: self._size]
