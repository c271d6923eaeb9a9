"""A tiny real training: what was learnt is what is served."""

import copy
import json
import random
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nlu_models.runtime import Encoder, ModelFolderError, Models
from nlu_models.runtime.model_folder import (
    CARD_FILE,
    CHECKED_FILES,
    HEAD_FILE,
    LABELS_FILE,
    MODEL_FILE,
    NEIGHBOUR_VECTORS_FILE,
    NEIGHBOURS_FILE,
    SCOPE_FILE,
    TOKENIZER_FILE,
    WORDS_FILE,
    ModelFolder,
    sha256,
)
from nlu_models.runtime.neighbours import write_neighbours
from nlu_models.runtime.reading import readable
from nlu_models.settings import CATALOGUE
from nlu_models.training.augment import augment, decorate
from nlu_models.training.base_model import find_base_model
from nlu_models.training.batches import encode
from nlu_models.training.build import build
from nlu_models.training.calibration import (
    choose_threshold,
    expected_calibration_error,
    fit_temperature,
)
from nlu_models.training.dataset import Dataset, Row, read_dataset
from nlu_models.training.export import export_float, fused, quantise
from nlu_models.training.fit import Progress
from nlu_models.training.ner import NerProgress
from nlu_models.training.ner_shop import FEWEST
from nlu_models.training.network import TwoHeads
from nlu_models.training.package import against_float
from nlu_models.training.recipe import Recipe
from nlu_models.training.split import split
from tests.nlu_models.conftest import write_folders

MESSAGES = ["where is my order", "a", "THIS is late!!! " * 60, "", "naïve café £40 🙂"]


def test_the_folder_holds_what_the_card_says(tiny_model: Path, tiny_dataset: Dataset) -> None:
    assert {file.name for file in tiny_model.iterdir()} == {
        MODEL_FILE,
        TOKENIZER_FILE,
        LABELS_FILE,
        SCOPE_FILE,
        HEAD_FILE,
        WORDS_FILE,
        NEIGHBOURS_FILE,
        NEIGHBOUR_VECTORS_FILE,
        CARD_FILE,
    }
    card = json.loads((tiny_model / CARD_FILE).read_text())
    assert card["data_hash"] == tiny_dataset.content_hash()
    assert card["model_id"] == tiny_model.name
    assert card["files"][MODEL_FILE] == sha256(tiny_model / MODEL_FILE)
    assert card["training_seconds"] > 0
    assert 0 <= card["metrics"]["intents"]["accuracy"] <= 1
    assert {path.name for path in tiny_model.parent.iterdir()} == {tiny_model.name, ".lock"}
    # So few marks are nothing to learn from.
    assert card["recogniser"]["trained"] is False
    assert "entities" not in card["metrics"]


def test_a_model_of_marked_utterances_finds_entities_by_itself(tmp_path: Path) -> None:
    nlu, sentiment = write_folders(tmp_path)
    written = (nlu / "one.yml").read_text()
    # A sixth of them is kept for validation and test.
    marked = "".join(
        f"    - where is [teapot](product) number {number}\n" for number in range(FEWEST * 5 // 4)
    )
    (nlu / "one.yml").write_text(written.replace("    - any news", f"{marked}    - any news"))
    steps: list[Progress | NerProgress] = []
    folder = build(
        read_dataset(nlu, sentiment),
        Recipe(epochs=1, batch_size=8),
        find_base_model(),
        tmp_path / "cache",
        report=steps.append,
    )
    card = json.loads((folder / CARD_FILE).read_text())
    assert card["recogniser"]["trained"]
    assert 0 <= card["metrics"]["entities"]["f1"] <= 1
    assert card["files"]["ner/ner/model"] == sha256(folder / "ner" / "ner" / "model")
    assert {type(step) for step in steps} == {Progress, NerProgress}
    assert Models.load(folder, CATALOGUE).entities.extract("RP-100234")[0].value == "RP-100234"


def test_the_operators_are_of_the_fixed_version(tiny_model: Path) -> None:
    versions = {item.domain: item.version for item in onnx.load(tiny_model / MODEL_FILE).opset_import}
    assert versions[""] == Recipe().opset


def test_attention_is_one_operator_of_each_layer(network: TwoHeads, tiny_model: Path) -> None:
    operators = Counter(node.op_type for node in onnx.load(tiny_model / MODEL_FILE).graph.node)
    assert operators["QAttention"] == network.encoder.config.num_hidden_layers
    assert operators["Softmax"] == 0


@pytest.fixture(scope="module")
def network() -> TwoHeads:
    torch.manual_seed(0)
    return TwoHeads(find_base_model().folder, intents=3, sentiments=4, recipe=Recipe()).eval()


@pytest.fixture
def without_neighbours(tiny_model: Path, tmp_path: Path) -> ModelFolder:
    """The tiny model where nothing but the network gives scores."""
    folder = shutil.copytree(tiny_model, tmp_path / "alone")
    write_neighbours({}, np.zeros((0, 384)), folder)
    for file in (NEIGHBOURS_FILE, NEIGHBOUR_VECTORS_FILE):
        sign_again(folder, file)
    return Encoder.load(folder).folder


def test_runtime_gives_what_torch_gives(
    network: TwoHeads, without_neighbours: ModelFolder, tmp_path: Path
) -> None:
    in_float = tmp_path / "model.onnx"
    export_float(network, in_float, Recipe().opset)
    served = Encoder.with_model(without_neighbours, in_float)
    tokenizer = served._tokenizer
    for message in MESSAGES:
        with torch.inference_mode():
            expected = network(*encode(tokenizer, [message]))
        scores = served.scores(message)
        ours_in_order = (scores.intents, scores.sentiments, scores.vector, scores.tokens)
        for ours, theirs in zip(ours_in_order, expected, strict=True):
            np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-4)


def test_eight_bits_stay_near_32_bits(network: TwoHeads, tiny_model: Path, tmp_path: Path) -> None:
    in_float, in_eight = tmp_path / "model.onnx", tmp_path / "model.int8.onnx"
    export_float(network, in_float, Recipe().opset)
    quantise(fused(in_float, network.heads, network.width), in_eight)
    assert in_eight.stat().st_size < in_float.stat().st_size * 0.4
    folder = Encoder.load(tiny_model).folder
    eight, full = Encoder.with_model(folder, in_eight), Encoder.with_model(folder, in_float)
    for message in MESSAGES:
        in_eight_bits, in_32_bits = eight.scores(message), full.scores(message)
        np.testing.assert_allclose(in_eight_bits.intents, in_32_bits.intents, atol=0.1)
        np.testing.assert_allclose(in_eight_bits.sentiments, in_32_bits.sentiments, atol=0.1)


def test_what_eight_bits_lose_is_counted_in_labels_and_in_points(
    network: TwoHeads, without_neighbours: ModelFolder, tmp_path: Path
) -> None:
    one, other = tmp_path / "one.onnx", tmp_path / "other.onnx"
    export_float(network, one, Recipe().opset)
    opposite = copy.deepcopy(network)
    for head in (opposite.intents, opposite.sentiments):
        assert head is not None
        head.weight.data.neg_()
        head.bias.data.neg_()
    export_float(opposite, other, Recipe().opset)
    encoder = Encoder.with_model(without_neighbours, one)
    rows = [Row(message, encoder.understand(message).intent, Path(), 0) for message in MESSAGES]
    assert against_float(one, encoder, rows, []) == {"agreement": 1.0, "points_lost": 0.0}
    assert against_float(other, encoder, rows, []) == {"agreement": 0.0, "points_lost": -100.0}


def test_an_understanding_is_made_of_probabilities(tiny_model: Path) -> None:
    encoder = Encoder.load(tiny_model)
    for message in MESSAGES:
        understood = encoder.understand(message)
        assert understood.ranking[0] == (understood.intent, understood.confidence)
        assert sum(confidence for _, confidence in understood.ranking) == pytest.approx(1, abs=1e-5)
        assert sum(understood.sentiment_scores.values()) == pytest.approx(1, abs=1e-5)
        assert understood.sentiment_scores[understood.sentiment] == understood.sentiment_confidence
    assert encoder.understand_all(MESSAGES)[0].ranking == encoder.understand(MESSAGES[0]).ranking


def test_pictures_are_read_by_their_names(tiny_model: Path) -> None:
    assert readable("ok 👍🏽").split() == [
        "ok",
        "thumbs",
        "up",
        "sign",
        "emoji",
        "modifier",
        "fitzpatrick",
        "type-4",
    ]
    assert readable("£40 – naïve, 5 ☎") == "£40 – naïve, 5  black telephone "
    encoder = Encoder.load(tiny_model)
    assert not np.array_equal(encoder.scores("👍").intents, encoder.scores("👎").intents)


def test_slips_are_mended_by_the_words_of_the_training(tiny_model: Path) -> None:
    encoder = Encoder.load(tiny_model)
    assert np.array_equal(
        encoder.scores("wehre is my ordr").intents, encoder.scores("where is my order").intents
    )
    assert encoder.understand("cancle my ordr").ranking == encoder.understand("cancel my order").ranking


def test_nothing_under_the_threshold_is_in_scope(tiny_model: Path, tmp_path: Path) -> None:
    strict = copy_with_card(tiny_model, tmp_path / "strict", thresholds=thresholds(scope=1.0))
    assert not any(row.in_scope for row in Encoder.load(strict).understand_all(MESSAGES))


def thresholds(**changes: float) -> dict[str, object]:
    return {"scope": 0.5, "intents": {}, "margin": 0.1, "second_wish": 0.2} | changes


def copy_with_card(model: Path, target: Path, **changes: object) -> Path:
    shutil.copytree(model, target)
    card = json.loads((target / CARD_FILE).read_text())
    (target / CARD_FILE).write_text(json.dumps(card | changes))
    return target


def sign_again(folder: Path, file: str) -> None:
    """Make the card agree with a changed file, so that the checks behind the hash are reached."""
    card = json.loads((folder / CARD_FILE).read_text())
    card["files"][file] = sha256(folder / file)
    (folder / CARD_FILE).write_text(json.dumps(card))


@pytest.mark.parametrize("file", [*CHECKED_FILES, CARD_FILE])
def test_a_missing_file_is_refused_by_name(tiny_model: Path, tmp_path: Path, file: str) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    (folder / file).unlink()
    with pytest.raises(ModelFolderError, match=f"{file} is missing"):
        Encoder.load(folder)


@pytest.mark.parametrize("file", CHECKED_FILES)
def test_a_damaged_file_is_refused_by_name(tiny_model: Path, tmp_path: Path, file: str) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelFolderError, match=f"{file}: damaged"):
        Encoder.load(folder)


@pytest.mark.parametrize("file", [MODEL_FILE, TOKENIZER_FILE, SCOPE_FILE, HEAD_FILE, NEIGHBOUR_VECTORS_FILE])
def test_a_file_of_another_kind_is_refused_even_if_the_card_names_it(
    tiny_model: Path, tmp_path: Path, file: str
) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    (folder / file).write_text("{}")
    sign_again(folder, file)
    with pytest.raises(ModelFolderError, match=f"{file}: unreadable"):
        Encoder.load(folder)


def test_labels_that_do_not_fit_the_model_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    labels = json.loads((folder / LABELS_FILE).read_text())
    labels["intents"].append("one_more")
    (folder / LABELS_FILE).write_text(json.dumps(labels))
    sign_again(folder, LABELS_FILE)
    with pytest.raises(ModelFolderError, match=r"intent_logits has 3 scores, but labels\.json names 4"):
        Encoder.load(folder)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": 0}, "format 0"),
        ({"temperatures": {"intent": 0, "sentiment": 1}}, "intent must be above 0"),
        ({"temperatures": None}, "temperatures are missing"),
        ({"thresholds": {}}, "thresholds are missing"),
        ({"thresholds": thresholds(scope=1.5)}, "scope must be from 0 to 1"),
        ({"max_tokens": "many"}, "max_tokens must be a number"),
    ],
)
def test_a_card_that_says_nonsense_is_refused(
    tiny_model: Path, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(ModelFolderError, match=reason):
        Encoder.load(copy_with_card(tiny_model, tmp_path / "model", **changes))


def test_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="no such folder"):
        Encoder.load(tmp_path / "nowhere")


def test_the_split_is_fixed_and_has_every_label_in_every_part(tiny_dataset: Dataset) -> None:
    parts = split(tiny_dataset.intents, 0.1, 0.1)
    again = split(list(reversed(tiny_dataset.intents)), 0.1, 0.1)
    assert parts == again
    texts = [row.text for part in (parts.train, parts.validation, parts.test) for row in part]
    assert sorted(texts) == sorted(row.text for row in tiny_dataset.intents)
    for part in (parts.train, parts.validation, parts.test):
        assert {row.label for row in part} == {"track_order", "cancel_order", "out_of_scope"}


@given(st.text(max_size=80), st.integers())
def test_courtesies_stand_around_a_wish(text: str, seed: int) -> None:
    assert text in decorate(text, random.Random(seed))


@given(st.text(max_size=80), st.integers())
def test_augmentation_keeps_a_message_and_its_length_about(text: str, seed: int) -> None:
    changed = augment(text, random.Random(seed))
    assert bool(changed) == bool(text)
    assert len(changed) <= 2 * len(text.upper()) + 2
    assert augment(text, random.Random(seed)) == changed


def test_temperature_mends_overconfidence() -> None:
    chance = np.random.default_rng(0)
    logits = chance.normal(size=(4000, 5))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([chance.choice(5, p=row) for row in probabilities])
    assert fit_temperature(logits * 3, labels) == pytest.approx(3, rel=0.1)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    confidence = np.full(100, 0.9)
    assert expected_calibration_error(confidence, np.arange(100) < 90) == pytest.approx(0)
    assert expected_calibration_error(confidence, np.arange(100) < 50) == pytest.approx(0.4)


def test_the_threshold_lies_between_the_understood_and_the_misunderstood() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.4, 0.3])
    right = np.array([True, True, True, False, False])
    assert choose_threshold(confidence, right) == pytest.approx(0.55, abs=0.02)
