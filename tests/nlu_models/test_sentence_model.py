"""The base model as a model of sentence vectors: exported once, checked when it is loaded, near where meanings are."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from nlu_models.runtime import ModelFolderError, Sentences
from nlu_models.runtime.model_folder import MODEL_FILE, TOKENIZER_FILE
from nlu_models.sentence_model import ensure_sentence_model


@pytest.fixture(scope="module")
def folder() -> Path:
    return ensure_sentence_model()


def test_what_was_exported_is_not_exported_again(folder: Path) -> None:
    made = (folder / MODEL_FILE).stat().st_mtime_ns
    assert ensure_sentence_model() == folder
    assert (folder / MODEL_FILE).stat().st_mtime_ns == made


def test_vectors_have_length_1_whatever_the_text(folder: Path) -> None:
    vectors = Sentences.load(folder).vectors(["", "half \ud83d", "kettle", "word " * 5_000, "🫖 ünïcode"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_the_same_meaning_in_other_words_is_nearer_than_another_meaning(folder: Path) -> None:
    asked, same, other = Sentences.load(folder).vectors(
        ["my parcel has not come", "the package still hasn't arrived", "the kettle is too loud"]
    )
    assert asked @ same > asked @ other + 0.3


def test_a_file_that_was_changed_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "model")
    with (tmp_path / "model" / MODEL_FILE).open("ab") as file:
        file.write(b"more")
    with pytest.raises(ModelFolderError, match="damaged"):
        Sentences.load(tmp_path / "model")


def test_one_that_was_damaged_is_exported_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_CACHE", str(tmp_path))
    copy = tmp_path / "sentences" / folder.name
    shutil.copytree(folder, copy)
    (copy / TOKENIZER_FILE).write_text("{}")
    assert ensure_sentence_model() == copy
    Sentences.load(copy)
