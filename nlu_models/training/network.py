"""The network: a pre-trained encoder, its token vectors averaged, a linear head each for intents and sentiments."""

import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from nlu_models.training.base_model import BaseModelError
from nlu_models.training.dropout import PooledDropout, pool_dropouts
from nlu_models.training.recipe import Recipe

#: What the configuration of a base model must have: the names that BERT and its kin give their dropouts.
_ATTENTION_DROPOUT, _LAYER_DROPOUT = "attention_probs_dropout_prob", "hidden_dropout_prob"


class TwoHeads(nn.Module):
    """Scores of intents and of sentiments for a batch of messages, and their sentence vectors.

    Without sentiments (0) there is no head for them.

    Raises:
        BaseModelError: the base model is of a kind that this network can't be made of.
    """

    def __init__(self, base_folder: Path, intents: int, sentiments: int, recipe: Recipe) -> None:
        super().__init__()
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        import transformers  # noqa: PLC0415 - takes seconds

        transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        _check_kind(transformers, base_folder)
        # The fused attention saves nothing at this length and does not export to this opset; attention's own
        # dropout costs much and, beside that of the layers, showed no gain.
        self.encoder: Any = transformers.AutoModel.from_pretrained(
            base_folder,
            attn_implementation="eager",
            **{_ATTENTION_DROPOUT: 0.0, _LAYER_DROPOUT: recipe.dropout},
        )
        pool_dropouts(self.encoder)
        # Word vectors stay as they are: they hold half the weights, and words that the few
        # training utterances do not contain must keep their place beside those that they do.
        self.words.requires_grad_(False)
        # The lowest layers know English already; leaving them alone saves a third of the time, if all that
        # is under them stays as well: else the gradient is carried down to it through them.
        if recipe.frozen_layers:
            self.encoder.requires_grad_(False)
            for layer in _layers(self.encoder)[recipe.frozen_layers :]:
                layer.requires_grad_(True)
        self.width = int(self.encoder.config.hidden_size)
        self.heads = int(self.encoder.config.num_attention_heads)
        self.dropout = PooledDropout(recipe.dropout)
        self.intents = nn.Linear(self.width, intents)
        self.sentiments = nn.Linear(self.width, sentiments) if sentiments else None

    @property
    def words(self) -> nn.Module:
        """The layer of the word vectors."""
        layer: nn.Module = self.encoder.get_input_embeddings()
        return layer

    def token_vectors(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Token ids and mask, both (messages, tokens), to vectors (messages, tokens, width)."""
        tokens: Tensor = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return tokens

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Scores of the intents, scores of the sentiments (when there is a head for them), sentence vectors, token
        vectors."""
        tokens = self.token_vectors(input_ids, attention_mask)
        vectors = mean_of(tokens, attention_mask)
        dropped = self.dropout(vectors)
        if self.sentiments is None:
            return self.intents(dropped), vectors, tokens
        return self.intents(dropped), self.sentiments(dropped), vectors, tokens


def _check_kind(transformers: Any, base_folder: Path) -> None:
    try:
        config = transformers.AutoConfig.from_pretrained(base_folder)
    except ValueError as error:
        raise BaseModelError(f"{base_folder}: unknown kind of model: {str(error).splitlines()[0]}") from None
    lacking = [name for name in (_ATTENTION_DROPOUT, _LAYER_DROPOUT) if not hasattr(config, name)]
    if lacking:
        raise BaseModelError(
            f"{base_folder}: a {config.model_type} model can't be trained here: its configuration has no"
            f" {' and no '.join(lacking)}; BERT, RoBERTa and MPNet models have"
        )


def _layers(encoder: nn.Module) -> list[nn.Module]:
    """The layers of a transformer, the lowest first: its first list of modules, whatever the library calls it."""
    return list(next((module for module in encoder.modules() if isinstance(module, nn.ModuleList)), []))


def mean_of(tokens: Tensor, mask: Tensor) -> Tensor:
    """The mean of the token vectors (messages, tokens, width) that the mask (messages, tokens) keeps."""
    kept = mask.unsqueeze(-1).to(tokens.dtype)
    return (tokens * kept).sum(dim=1) / kept.sum(dim=1).clamp(min=1)


def start_heads_from_means(head: nn.Linear, vectors: Tensor, labels: Tensor, scale: float) -> None:
    """Let each label's weights begin as the mean of its sentence vectors, of length `scale`.

    The pre-trained vectors of like messages are near each other already; a head that starts from there needs fewer
    passes than one that starts from chance (validation accuracy with ten utterances a label: 86.6 % against 86.0).
    """
    directions = functional.normalize(vectors, dim=-1)
    with torch.no_grad():
        for label in range(head.out_features):
            of_label = directions[labels == label]
            if len(of_label):
                head.weight[label] = functional.normalize(of_label.mean(dim=0), dim=0) * scale
                head.bias[label] = 0.0


def bfloat16_pays() -> bool:
    """Whether this processor multiplies bfloat16 matrices in hardware (AMX).

    Without, 16 bits are the slower ones: measured with AVX-512 BF16 alone, 51 examples/s on one thread
    against 75 in 32 bits.
    """
    return bool(torch.cpu.get_capabilities().get("amx_bf16"))
