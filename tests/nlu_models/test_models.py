"""A model folder holds encoder and recogniser; both serve, or neither does."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nlu_models.card import figures
from nlu_models.registry import Registry
from nlu_models.runtime import Encoder, ModelFolderError, Models
from nlu_models.runtime.model_folder import CARD_FILE, WORDS_FILE, sha256
from nlu_models.runtime.spelling import write_words
from nlu_models.settings import CATALOGUE
from nlu_models.training import ner_shop
from nlu_models.training.dataset import Row
from nlu_models.training.markup import parse
from nlu_models.training.ner_shop import add_recogniser
from nlu_models.training.split import Split
from tests.bot.tiny_encoder import write

WRITTEN = [
    "the [wok](product) is bent",
    "do you sell a [bird bath](product)",
    "my neighbour [Olga Stone](person) took it in",
    "we moved to [Oundle](place)",
    "is [RP-100234](order_id) on its way",
    "nothing came",
]
WEIGHTS = "ner/ner/model"


def rows(times: int) -> list[Row]:
    made = []
    for written in WRITTEN * times:
        text, entities = parse(written)
        made.append(Row(text, "track_order", Path("nlu.yml"), 1, tuple(entities)))
    return made


@pytest.fixture(scope="module")
def with_recogniser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder that understands nothing, and a recogniser that knows a wok."""
    folder = tmp_path_factory.mktemp("models") / "both"
    write(folder, folder.name)
    recogniser = add_recogniser(folder, Split(rows(150), rows(1), rows(1)), seed=7)
    assert recogniser.about["trained"]
    assert recogniser.scores.keys() == {"precision", "recall", "f1", "person_f1", "place_f1", "product_f1"}
    assert recogniser.scores["product_f1"] > 0.9
    sign(folder, recogniser.files)
    return folder


def sign(folder: Path, files: dict[str, str]) -> None:
    card = json.loads((folder / CARD_FILE).read_text())
    card["files"] |= files
    (folder / CARD_FILE).write_text(json.dumps(card))


def test_the_catalogues_names_are_no_slips(with_recogniser: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(with_recogniser, tmp_path / "model")
    write_words({"decline": 9, "order": 9}, folder)
    sign(folder, {WORDS_FILE: sha256(folder / WORDS_FILE)})
    assert Encoder.load(folder).spelling.corrected("ordr a dryline", 9) == "order a decline"
    assert Models.load(folder, CATALOGUE).encoder.spelling.corrected("ordr a dryline", 9) == "order a dryline"


def test_the_recogniser_of_the_folder_is_asked(with_recogniser: Path) -> None:
    models = Models.load(with_recogniser, CATALOGUE)
    assert models.model_id == "both"
    assert models.encoder.understand("hello").intent == "greet"
    found = [(e.entity, e.value, e.extractor) for e in models.entities.extract("the wok is bent")]
    assert found == [("product", "wok", "spacy")]


def test_a_model_without_a_recogniser_asks_the_english_one(tmp_path: Path) -> None:
    write(tmp_path / "alone", "alone")
    models = Models.load(tmp_path / "alone", CATALOGUE)
    assert models.entities.extract("the wok is bent") == []
    assert [e.entity for e in models.entities.extract("is RP-100234 on its way")] == ["order_id"]


def test_the_card_vouches_for_every_file_of_the_recogniser(with_recogniser: Path) -> None:
    card = json.loads((with_recogniser / CARD_FILE).read_text())
    held = {str(file.relative_to(with_recogniser)) for file in with_recogniser.rglob("*") if file.is_file()}
    assert held - {CARD_FILE} == set(card["files"])
    assert WEIGHTS in held
    assert (figures(with_recogniser, card)["megabytes"] or 0) > 5  # most of them the recogniser's


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def _of_another_kind(file: Path) -> None:
    file.write_text("no weights")
    folder = file.parents[2]
    sign(folder, {WEIGHTS: sha256(file)})


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (_cut, f"{WEIGHTS}: damaged or changed"),
        (Path.unlink, f"{WEIGHTS} is missing"),
        (_of_another_kind, "no usable recogniser: "),
    ],
)
def test_a_damaged_recogniser_is_refused_and_the_old_model_stays(
    with_recogniser: Path, tmp_path: Path, harm: Callable[[Path], None], reason: str
) -> None:
    registry = Registry(tmp_path / "encoder.json", tmp_path / "models")
    write(registry.models / "old", "old")
    shutil.copytree(with_recogniser, registry.models / "both")
    registry.promote("old", None)
    harm(registry.models / "both" / WEIGHTS)
    with pytest.raises(ModelFolderError, match=reason) as caught:
        registry.promote("both", None)
    assert "\n" not in str(caught.value)
    assert registry.read().promoted == "old"


def test_too_few_marks_train_nothing_and_the_card_says_so(tmp_path: Path) -> None:
    recogniser = add_recogniser(tmp_path, Split(rows(2), rows(1), rows(1)), seed=7)
    assert recogniser.about == {
        "trained": False,
        "why": "8 utterances to learn from are marked; 100 is the least",
    }
    assert (recogniser.files, recogniser.scores) == ({}, {})
    assert list(tmp_path.iterdir()) == []


def test_a_kind_that_is_not_tested_has_no_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ner_shop, "FEWEST", 1)
    few = rows(1)
    recogniser = add_recogniser(tmp_path, Split(few[:3], few[4:], few[:1]), seed=7)
    assert recogniser.scores.keys() == {"precision", "recall", "f1", "product_f1"}
