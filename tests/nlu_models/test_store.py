"""A model is named by what made it, and appears whole or not at all."""

from dataclasses import replace
from pathlib import Path

import pytest

from nlu_models.__main__ import main
from nlu_models.training.base_model import BaseModel, BaseModelError, find_base_model, verify_bundled
from nlu_models.training.dataset import read_dataset
from nlu_models.training.recipe import Recipe
from nlu_models.training.store import model_id, new_folder

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
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_training_left_is_removed_by_the_next(tmp_path: Path) -> None:
    abandoned = tmp_path / ".partial-999999999-abc"
    abandoned.mkdir()
    (abandoned / "half").write_text("x")
    with new_folder(tmp_path / "model") as folder:
        (folder / "whole").write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


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


def test_bad_data_stop_the_command(folders: Folders, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folders[0], "call it off", "call [it off")
    nlu, sentiment = map(str, folders)
    assert main(["--nlu", nlu, "--sentiment", sentiment, "--domain", "none", "train"]) == 1
    assert "broken entity markup" in capsys.readouterr().err
