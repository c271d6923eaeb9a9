"""Scope by several signs, and the methods beside each other."""

from pathlib import Path

import numpy as np
import pytest

from nlu_models.benchmark.scope_methods import Signs, compare_methods
from nlu_models.runtime import ModelFolderError
from nlu_models.runtime.scope import SIGNS, Scope, familiarity, features, read_scope, write_scope
from nlu_models.training.calibration import (
    choose_margin,
    choose_second_wish,
    choose_thresholds,
    fit_signs,
)

KNOWN = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


def test_familiarity_asks_the_third_neighbour_so_that_one_stray_is_not_enough() -> None:
    assert familiarity(np.array([[5.0, 0.0]]), KNOWN) == pytest.approx([1.0])
    assert familiarity(np.array([[0.0, 2.0]]), KNOWN) == pytest.approx([0.0])


def test_signs_rise_with_certainty_and_the_rejected_class_lowers_none_of_the_others() -> None:
    sure, unsure = np.array([9.0, 0.0, 1.0]), np.array([1.0, 1.0, 9.0])
    vectors = np.array([[1.0, 0.0]] * 2)
    first, second = features(np.stack([sure, unsure]), vectors, KNOWN, rejected=2)
    signs = dict(zip(SIGNS, zip(first, second, strict=True), strict=True))
    assert signs["confidence"][0] > signs["confidence"][1]
    assert signs["energy"][0] > signs["energy"][1]
    assert signs["rejection"][0] < signs["rejection"][1]
    without = features(np.stack([sure, unsure]), vectors, KNOWN, rejected=-1)
    assert (without[:, SIGNS.index("rejection")] == 0).all()


def test_weights_are_learnt_from_both_kinds() -> None:
    chance = np.random.default_rng(0)
    inside = np.arange(400) % 4 > 0
    signs = chance.normal(size=(400, 4)) + inside[:, None] * np.array([3.0, 0, 0, 0])
    weights, bias = fit_signs(signs, inside)
    assert weights[0] > 10 * abs(weights[1:]).max() / 4
    assert (((signs @ weights + bias) > 0) == inside).mean() > 0.9


def test_a_written_scope_reads_back_and_must_fit(tmp_path: Path) -> None:
    write_scope(Scope(np.ones(len(SIGNS)), -0.5, KNOWN, 2), tmp_path)
    scope = read_scope(tmp_path, intents=3, width=2)
    assert 0 < scope.score(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0])) < 1
    for intents, width in ((2, 2), (3, 5)):
        with pytest.raises(ModelFolderError, match="does not fit"):
            read_scope(tmp_path, intents=intents, width=width)


def test_an_intent_with_many_mistakes_gets_a_threshold_of_its_own() -> None:
    scores = np.concatenate([np.linspace(0.5, 1, 100), np.linspace(0.5, 1, 100)])
    right = np.concatenate([np.ones(100, dtype=bool), np.linspace(0.5, 1, 100) > 0.9])
    overall, of_intents = choose_thresholds(scores, right, ["easy"] * 100 + ["hard"] * 100)
    assert of_intents["easy"] <= overall <= of_intents["hard"]
    assert of_intents["hard"] == pytest.approx(0.9, abs=0.05)


def test_the_margin_asks_where_the_second_is_the_right_one() -> None:
    probabilities = np.array([[0.45, 0.40, 0.15]] * 5 + [[0.60, 0.35, 0.05]] * 5)
    assert 0.05 <= choose_margin(probabilities, np.array([1] * 5 + [0] * 5)) <= 0.25
    assert choose_margin(probabilities, np.array([0] * 10)) == 0.05  # two that all but draw


def test_the_second_wish_prefers_silence_to_a_false_alarm() -> None:
    def found(enough: float) -> tuple[list[bool], list[bool]]:
        return [enough < 0.8] * 10, [enough > 0.6] * 10

    assert 0.6 < choose_second_wish(found) < 0.8


def test_methods_are_compared_at_a_threshold_of_the_validation_messages() -> None:
    chance = np.random.default_rng(1)

    def signs(middle: float) -> Signs:
        weighed = chance.normal(middle, 1.0, size=(500, 4))
        return Signs({"good": weighed[:, 0], "blind": chance.normal(size=500)}, weighed)

    right = np.ones(500, dtype=bool)
    table = compare_methods((signs(3), signs(0)), (signs(3), signs(0)), right, right)
    assert set(table) == {"good", "blind", "all signs"}
    assert table["all signs"]["auroc"] > table["good"]["auroc"] > 0.95
    assert table["blind"]["auroc"] == pytest.approx(0.5, abs=0.06)
    assert table["good"]["in_scope"] == pytest.approx(98.8, abs=1.5)
    assert table["good"]["recall"] > 3 * table["blind"]["recall"]
