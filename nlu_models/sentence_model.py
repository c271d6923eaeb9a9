"""The base model as a model of sentence vectors, exported once by the content that makes it."""

import hashlib
import shutil
from pathlib import Path

from nlu_models.registry import models_folder
from nlu_models.runtime import ModelFolderError, Sentences
from nlu_models.runtime.model_folder import MODEL_FILE, TOKENIZER_FILE, sha256
from nlu_models.runtime.sentences import SENTENCE_FILES
from nlu_models.training.base_model import BaseModel, find_base_model
from nlu_models.training.store import new_folder, write_card

#: A passage of a page fits whole.
MAX_TOKENS = 256
_CODE = (Path(__file__), Path(__file__).with_name("sentence_export.py"))


def sentence_model_folder(base: BaseModel) -> Path:
    """Where the model that these weights and this code make lies, exported or not."""
    digest = hashlib.sha256(base.weights_sha256.encode())
    for file in _CODE:
        digest.update(file.read_bytes())
    return models_folder().with_name("sentences") / digest.hexdigest()[:24]


def ensure_sentence_model() -> Path:
    """Export the model unless it is there, whole and unchanged, and return its folder.

    Raises:
        BaseModelError: the weights are not there, or not the right ones.
    """
    base = find_base_model()
    folder = sentence_model_folder(base)
    if not _usable(folder):
        # Seconds to import: only who exports waits for torch.
        from nlu_models.sentence_export import export_sentences  # noqa: PLC0415

        with new_folder(folder, _usable) as partial:
            export_sentences(base.folder, partial / MODEL_FILE)
            shutil.copyfile(base.folder / TOKENIZER_FILE, partial / TOKENIZER_FILE)
            card = {
                "model_id": folder.name,
                "base": {"name": base.name, "weights_sha256": base.weights_sha256},
                "max_tokens": MAX_TOKENS,
                "files": {name: sha256(partial / name) for name in SENTENCE_FILES},
            }
            write_card(partial, card)
    return folder


def _usable(folder: Path) -> bool:
    try:
        Sentences.load(folder)
    except ModelFolderError:
        return False
    return True
