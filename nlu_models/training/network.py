"""The network: a pre-trained encoder, its token vectors averaged, two linear heads."""

import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


class TwoHeads(nn.Module):
    """Scores of intents and of sentiments for a batch of messages."""

    def __init__(self, base_folder: Path, intents: int, sentiments: int, dropout: float) -> None:
        super().__init__()
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        import transformers  # noqa: PLC0415 - takes seconds

        transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        # The fused attention saves nothing at this length and does not export to this opset.
        self.encoder: Any = transformers.AutoModel.from_pretrained(base_folder, attn_implementation="eager")
        # Word vectors stay as they are: they hold half the weights, and words that the few
        # training utterances do not contain must keep their place beside those that they do.
        self.encoder.get_input_embeddings().weight.requires_grad_(False)
        width = int(self.encoder.config.hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.intents = nn.Linear(width, intents)
        self.sentiments = nn.Linear(width, sentiments)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Token ids and mask, both (messages, tokens), to the two heads' scores (messages, labels)."""
        tokens: Tensor = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        kept = attention_mask.unsqueeze(-1).to(tokens.dtype)
        mean = (tokens * kept).sum(dim=1) / kept.sum(dim=1).clamp(min=1)
        mean = self.dropout(mean)
        return self.intents(mean), self.sentiments(mean)


def bfloat16_pays() -> bool:
    """Whether this processor multiplies bfloat16 matrices in hardware (AMX).

    Without, 16 bits are the slower ones: measured with AVX-512 BF16 alone, 51 examples/s on one thread
    against 75 in 32 bits.
    """
    return bool(torch.cpu.get_capabilities().get("amx_bf16"))
