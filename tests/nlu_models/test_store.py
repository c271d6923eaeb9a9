"""A model is named by what made it, and appears whole or not at all."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nlu_models.__main__ import main
from nlu_models.training.base_model import BaseModel, BaseModelError, find_base_model, verify_bundled
from nlu_models.training.dataset import read_dataset
from nlu_models.training.recipe import Recipe
from nlu_models.training.store import model_id, new_folder
from nlu_models.training.store import write_card as finish

RECIPE = Recipe()
BASE = BaseModel("test", Path(), "0" * 64)
Folders = tuple[Path, Path]


def name(folders: Folders, recipe: Recipe = RECIPE, base: BaseModel = BASE) -> str:
    return model_id(read_dataset(*folders), recipe, base)


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "one.yml"
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new), encoding="utf-8")


def test_the_same_content_has_the_same_name(folders: Folders) -> None:
    assert name(folders) == name(folders)


def test_comments_values_and_file_names_do_not_change_it(folders: Folders) -> None:
    before = name(folders)
    edit(folders[0], "nlu:\n", "# a remark\nnlu:\n")
    edit(folders[0], '"value": "HV-KT-01"', '"value": "HV-KT-02"')
    (folders[0] / "one.yml").rename(folders[0] / "renamed.yml")
    assert name(folders) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("call it off", "call it all off"),
        ("- intent: cancel_order", "- intent: cancel"),
        ("[RP-100234](order_id)", "RP-100234"),
        ("[RP-100234](order_id)", "[RP-100234](product)"),
    ],
)
def test_a_changed_word_label_or_entity_changes_it(folders: Folders, old: str, new: str) -> None:
    before = name(folders)
    edit(folders[0], old, new)
    assert name(folders) != before


def test_a_changed_sentiment_changes_it(folders: Folders) -> None:
    before = name(folders)
    edit(folders[1], "love it", "loved it")
    assert name(folders) != before


def test_settings_and_base_weights_change_it(folders: Folders) -> None:
    names = {
        name(folders),
        name(folders, recipe=replace(Recipe(), epochs=Recipe().epochs + 1)),
        name(folders, base=BaseModel("test", Path(), "1" * 64)),
    }
    assert len(names) == 3


def test_an_interrupted_training_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "model") as folder:
        (folder / "half").write_text("x")
        raise KeyboardInterrupt
    assert _seen(tmp_path) == []


#: Another process that trains into the folder of its first argument until it is killed.
TRAINING = """
import sys, time
from pathlib import Path
from nlu_models.training.store import new_folder
with new_folder(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("x")
    print(folder, flush=True)
    time.sleep(600)
"""


def test_what_a_killed_training_left_is_removed_by_the_next_and_a_running_one_is_left_alone(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", TRAINING, str(tmp_path / "theirs")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            theirs = Path(process.stdout.readline().strip())
            with new_folder(tmp_path / "model") as folder:
                (folder / "whole").write_text("x")
            assert (theirs / "half").is_file()
        finally:
            process.kill()
    assert theirs.is_dir()
    with new_folder(tmp_path / "next"):
        pass
    assert _seen(tmp_path) == ["model", "next"]
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["whole"]


def test_a_folder_without_a_lock_is_removed_when_nothing_was_added_for_an_hour(tmp_path: Path) -> None:
    old, young = tmp_path / ".partial-1-old", tmp_path / ".partial-1-young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "half").write_text("x")
    os.utime(old, (time.time() - 3_700,) * 2)
    with new_folder(tmp_path / "model"):
        pass
    assert _seen(tmp_path) == [young.name, "model"]


def test_who_finishes_the_same_model_later_leaves_the_one_that_is_there(tmp_path: Path) -> None:
    with new_folder(tmp_path / "model", usable=lambda _: True) as late:
        finish(late, {"by": "the later one"})
        with new_folder(tmp_path / "model") as early:
            finish(early, {"by": "the earlier one"})
    assert "the earlier one" in (tmp_path / "model" / "card.json").read_text()
    assert _seen(tmp_path) == ["model"]


def test_a_folder_that_is_no_usable_model_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "model"
    target.mkdir()
    (target / "half").write_text("x")
    finish(target, {"by": "the damaged one"})
    with new_folder(target) as folder:
        finish(folder, {"by": "the new one"})
        assert (target / "half").is_file()  # until the new one is whole
    assert "the new one" in (target / "card.json").read_text()
    assert [path.name for path in target.iterdir()] == ["card.json"]
    assert _seen(tmp_path) == ["model"]


def _seen(folder: Path) -> list[str]:
    """The names in the folder, without the lock of those who write there."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_other_weights_than_the_official_ones_stop_with_one_line(tmp_path: Path) -> None:
    for file in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / file).write_text("not the weights")
    with pytest.raises(BaseModelError, match="SHA-256") as caught:
        verify_bundled(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_installed_weights_are_the_official_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAPPORT_BASE_MODEL", raising=False)
    assert find_base_model().name == "all-MiniLM-L6-v2"


def test_another_base_model_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for file in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / file).write_text("{}")
    monkeypatch.setenv("RAPPORT_BASE_MODEL", str(tmp_path))
    assert find_base_model().folder == tmp_path
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(BaseModelError, match=r"tokenizer\.json is missing"):
        find_base_model()


def test_weights_that_no_safetensors_hold_are_fetched_as_pytorch_saves_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[list[str]] = []

    def fetch(name: str, *, allow_patterns: list[str]) -> str:
        asked.append(allow_patterns)
        for file in ("config.json", "tokenizer.json", "pytorch_model.bin"):
            if any(Path(file).match(pattern) for pattern in allow_patterns):
                (tmp_path / file).write_text("{}")
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    monkeypatch.setenv("RAPPORT_BASE_MODEL", "somebody/old-model")
    assert find_base_model().folder == tmp_path
    assert not any("pytorch_model.bin" in patterns for patterns in asked[:1])
    (tmp_path / "model.safetensors").write_text("{}")
    asked.clear()
    find_base_model()
    assert len(asked) == 1


def test_bad_data_stop_the_command(folders: Folders, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folders[0], "call it off", "call [it off")
    nlu, sentiment = map(str, folders)
    assert main(["--nlu", nlu, "--sentiment", sentiment, "train"]) == 1
    assert "broken entity markup" in capsys.readouterr().err
