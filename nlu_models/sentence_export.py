"""A pre-trained encoder as an ONNX model of sentence vectors, in eight bits."""

import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import Tensor, nn
from torch.nn import functional

from nlu_models.training.export import quantise
from nlu_models.training.network import mean_of

_OPSET = 17


class MeanVector(nn.Module):
    """The mean of the token vectors, of length 1, as the base model was trained to be read."""

    def __init__(self, base_folder: Path) -> None:
        super().__init__()
        # The fused attention does not export to this opset.
        self.encoder: Any = transformers.AutoModel.from_pretrained(base_folder, attn_implementation="eager")

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Token ids and mask, both (texts, tokens), to vectors (texts, width)."""
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return functional.normalize(mean_of(tokens, attention_mask), dim=-1)


def export_sentences(base_folder: Path, file: Path) -> None:
    """Write the model of the folder to `file`: inputs `input_ids` and `attention_mask`, output `sentence_vector`."""
    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    network = MeanVector(base_folder).eval()
    ids = torch.ones(2, 7, dtype=torch.long)
    axes = {0: "texts", 1: "tokens"}
    with tempfile.TemporaryDirectory() as scratch:
        float_file = Path(scratch) / "model.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracing exporter announces its age
            torch.onnx.export(
                network,
                (ids, torch.ones_like(ids)),
                str(float_file),
                input_names=["input_ids", "attention_mask"],
                output_names=["sentence_vector"],
                dynamic_axes={
                    "input_ids": axes,
                    "attention_mask": axes,
                    "sentence_vector": {0: "texts"},
                },
                opset_version=_OPSET,
                dynamo=False,
            )
        quantise(float_file, file)
