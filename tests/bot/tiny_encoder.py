"""`.venv/bin/python -m tests.bot.tiny_encoder FOLDER`: an untrained encoder of a few kilobytes.

It understands nothing, but loads and answers like a trained one. Runs in the environment that has `onnx`.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from nlu_models.runtime.model_folder import CARD_FILE, FORMAT, LABELS_FILE, MODEL_FILE, TOKENIZER_FILE

INTENTS = ["greet", "thank", "out_of_scope"]
SENTIMENTS = ["angry", "negative", "neutral", "positive"]
WORDS = ["[UNK]", "hello", "thanks"]


def write(folder: Path, model_id: str = "tiny-encoder", intents: list[str] = INTENTS) -> None:
    """Write the model folder.

    Args:
        intents: of the messages "hello", "thanks" and of any other one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / TOKENIZER_FILE))
    # One row a word: the unknown one, "hello", "thanks".
    intent_scores = np.array([[0, 0, 9], [9, 0, 0], [0, 9, 0]], dtype=np.float32)
    sentiments = np.array([[0, 0, 9, 0]] * 3, dtype=np.float32)
    nodes = []
    for head, table in (("intent", "intents"), ("sentiment", "sentiments")):
        nodes.append(helper.make_node("Gather", [table, "input_ids"], [f"{head}_of_words"], axis=0))
        nodes.append(
            helper.make_node("ReduceMean", [f"{head}_of_words", "words"], [f"{head}_logits"], keepdims=0)
        )
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, [1, "words"])
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info("intent_logits", TensorProto.FLOAT, [1, len(intents)]),
            helper.make_tensor_value_info("sentiment_logits", TensorProto.FLOAT, [1, len(SENTIMENTS)]),
        ],
        [
            numpy_helper.from_array(intent_scores, "intents"),
            numpy_helper.from_array(sentiments, "sentiments"),
            numpy_helper.from_array(np.array([1], dtype=np.int64), "words"),
        ],
    )
    save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9),
        folder / MODEL_FILE,
    )
    (folder / LABELS_FILE).write_text(json.dumps({"intents": intents, "sentiments": SENTIMENTS}))
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in (LABELS_FILE, TOKENIZER_FILE, MODEL_FILE)
    }
    card = {
        "format": FORMAT,
        "model_id": model_id,
        "files": files,
        "temperatures": {"intent": 1.0, "sentiment": 1.0},
        "thresholds": {"scope": 0.5},
        "max_tokens": 64,
    }
    (folder / CARD_FILE).write_text(json.dumps(card))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
