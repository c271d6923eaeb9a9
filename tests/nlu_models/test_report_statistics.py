"""The figures of a report."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_models.report.statistics import (
    auroc,
    calibration_error,
    confusions,
    label_scores,
    reliability,
    scope_curve,
    share,
    share_of,
    speed,
)
from nlu_models.training.calibration import expected_calibration_error

PROBABILITY = st.floats(0, 1)
SCORES = st.lists(st.integers(0, 20).map(lambda score: score / 20), min_size=1, max_size=30)
JUDGED = st.lists(st.tuples(PROBABILITY, st.booleans()), min_size=1, max_size=60)
LABELS = st.lists(st.tuples(*[st.sampled_from(["greet", "thank", "deny"])] * 2), min_size=1, max_size=60)


@given(st.integers(1, 500).flatmap(lambda rows: st.tuples(st.integers(0, rows), st.just(rows))))
def test_the_interval_holds_the_share(counted: tuple[int, int]) -> None:
    found = share(*counted)
    assert found.value is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    more = share(counted[0] * 10, counted[1] * 10)
    assert more.width < found.width, "ten times as many messages say more"


def test_the_interval_is_wilsons() -> None:
    # Worked example of Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I.
    found = share(81, 263)
    assert (found.low, found.high) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))
    assert share(0, 20).high == pytest.approx(0.1611, abs=1e-4)


def test_no_messages_say_nothing() -> None:
    found = share_of([])
    assert (found.value, found.low, found.high) == (None, 0, 1)


@given(LABELS)
def test_confusions_add_up(pairs: list[tuple[str, str]]) -> None:
    truth, found = [true for true, _ in pairs], [got for _, got in pairs]
    counted = confusions(truth, found)
    scores = label_scores(truth, found)
    assert counted.total() == len(pairs)
    assert sum(score.recall.rows for score in scores) == len(pairs)
    assert sum(score.recall.hits for score in scores) == sum(true == got for true, got in pairs)
    for score in scores:
        assert score.recall.rows == truth.count(score.label)
        assert score.precision.rows == found.count(score.label)
        assert score.recall.hits == score.precision.hits == counted[score.label, score.label]
    assert [score.f1 for score in scores] == sorted(score.f1 for score in scores), "the weakest first"


def test_a_score_is_recall_precision_and_their_harmonic_mean() -> None:
    (thank, greet) = label_scores(["greet"] * 3 + ["thank"], ["greet", "greet", "thank", "thank"])
    assert (greet.recall.value, greet.precision.value, greet.f1) == (
        pytest.approx(2 / 3),
        1.0,
        pytest.approx(0.8),
    )
    assert (thank.recall.value, thank.precision.value, thank.f1) == (1.0, 0.5, pytest.approx(2 / 3))


@given(JUDGED)
def test_the_bins_give_the_calibration_error_of_the_card(judged: list[tuple[float, bool]]) -> None:
    confidences, right = [confidence for confidence, _ in judged], [hit for _, hit in judged]
    bins = reliability(confidences, right)
    error = calibration_error(bins)
    assert 0 <= error <= 1
    assert error == pytest.approx(expected_calibration_error(np.array(confidences), np.array(right)))
    assert sum(item.rows for item in bins) == len(judged)
    for item in bins:
        assert item.low - 1e-9 <= item.confidence <= item.high + 1e-9


def test_a_confidence_that_means_what_it_says_has_no_error() -> None:
    assert calibration_error(reliability([0.75] * 4, [True, True, True, False])) == pytest.approx(0)
    assert calibration_error(reliability([1.0] * 4, [False] * 4)) == pytest.approx(1)
    assert calibration_error(reliability([], [])) == 0


@given(SCORES, SCORES)
def test_the_auroc_of_reversed_scores_is_the_rest(inside: list[float], outside: list[float]) -> None:
    found = auroc(inside, outside)
    backwards = auroc([1 - score for score in inside], [1 - score for score in outside])
    assert found is not None
    assert backwards is not None
    assert found == pytest.approx(1 - backwards)
    pairs = [(one > other) + (one == other) / 2 for one in inside for other in outside]
    assert found == pytest.approx(sum(pairs) / len(pairs))


def test_there_is_no_auroc_of_one_kind_alone() -> None:
    assert auroc([0.5], []) is None
    assert auroc([], [0.5]) is None


@given(JUDGED, JUDGED)
def test_a_higher_threshold_serves_less_and_refuses_more(
    inside: list[tuple[float, bool]], outside: list[tuple[float, bool]]
) -> None:
    curve = scope_curve(inside, outside)
    assert (curve[0].threshold, curve[-1].threshold) == (0, 1)
    assert curve[0].served == pytest.approx(np.mean([right for _, right in inside]))
    for before, after in pairwise(curve):
        assert after.served <= before.served
        assert after.refused >= before.refused


def test_a_curve_needs_messages_of_both_kinds() -> None:
    assert scope_curve([(0.5, True)], []) == scope_curve([], [(0.5, True)]) == []


@given(st.lists(st.floats(0.01, 1000), min_size=1, max_size=200))
def test_every_message_is_in_the_histogram(times: list[float]) -> None:
    found = speed(times)
    assert found is not None
    assert sum(found.counts) == len(times)
    assert len(found.edges) == len(found.counts) + 1
    assert found.p50 <= found.p95 <= found.slowest + 1e-9


def test_without_messages_there_is_no_speed() -> None:
    assert speed([]) is None
