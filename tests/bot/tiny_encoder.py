"""`.venv/bin/python -m tests.bot.tiny_encoder FOLDER [ROWS]`: an untrained encoder of a few kilobytes, or more.

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
from tokenizers.processors import TemplateProcessing

from nlu_models.runtime.intent_head import IntentHead, write_head
from nlu_models.runtime.model_folder import (
    CARD_FILE,
    CHECKED_FILES,
    FORMAT,
    LABELS_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
)
from nlu_models.runtime.neighbours import write_neighbours
from nlu_models.runtime.scope import SIGNS, Scope, write_scope
from nlu_models.runtime.spelling import write_words

INTENTS = ["greet", "thank", "out_of_scope"]
SENTIMENTS = ["angry", "negative", "neutral", "positive"]
WORDS = ["[UNK]", "hello", "thanks", "[CLS]"]


def write(
    folder: Path, model_id: str = "tiny-encoder", intents: list[str] = INTENTS, rows: int = len(WORDS)
) -> None:
    """Write the model folder.

    Args:
        intents: of the messages "hello", "thanks" and of any other one.
        rows: words for which there are scores; each unused one adds 40 bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A", special_tokens=[("[CLS]", 3)])
    tokenizer.save(str(folder / TOKENIZER_FILE))
    # One row a word; the sum is over the words.
    intent_scores = np.zeros((rows, 3), dtype=np.float32)
    intent_scores[:3] = [[0, 0, 9], [9, 0, 0], [0, 9, 0]]
    sentiments = np.tile(np.array([0, 0, 9, 0], dtype=np.float32), (rows, 1))
    tables = {
        "intent_logits": intent_scores,
        "sentiment_logits": sentiments,
        "sentence_vector": intent_scores,
    }
    nodes = []
    for output in tables:
        nodes.append(helper.make_node("Gather", [f"{output}_of", "input_ids"], [f"{output}_by_word"], axis=0))
        nodes.append(helper.make_node("ReduceSum", [f"{output}_by_word", "words"], [output], keepdims=0))
    nodes.append(helper.make_node("Identity", ["sentence_vector_by_word"], ["token_vectors"]))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, [1, "words"])
            for name in ("input_ids", "attention_mask")
        ],
        [
            *(
                helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, table.shape[1]])
                for output, table in tables.items()
            ),
            helper.make_tensor_value_info("token_vectors", TensorProto.FLOAT, [1, "words", 3]),
        ],
        [
            *(numpy_helper.from_array(table, f"{output}_of") for output, table in tables.items()),
            numpy_helper.from_array(np.array([1], dtype=np.int64), "words"),
        ],
    )
    save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9),
        folder / MODEL_FILE,
    )
    (folder / LABELS_FILE).write_text(json.dumps({"intents": intents, "sentiments": SENTIMENTS}))
    write_head(IntentHead(np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.float32)), folder)
    # Nothing is refused by its scope score: what is out of scope has that intent.
    weights = np.zeros(len(SIGNS), dtype=np.float32)
    write_scope(Scope(weights, bias=9.0, known=np.eye(3, dtype=np.float32), rejected=2), folder)
    write_words({}, folder)
    write_neighbours({}, np.zeros((0, 3)), folder)
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in CHECKED_FILES}
    card = {
        "format": FORMAT,
        "model_id": model_id,
        "files": files,
        "temperatures": {"intent": 1.0, "sentiment": 1.0},
        "thresholds": {"scope": 0.5, "intents": {}, "margin": 0.1, "second_wish": 0.4},
        "max_tokens": 64,
    }
    (folder / CARD_FILE).write_text(json.dumps(card))


if __name__ == "__main__":
    write(Path(sys.argv[1]), rows=int(sys.argv[2]) if len(sys.argv) > 2 else len(WORDS))
