"""The measure by which entities are judged."""

import pytest

from tests.nlu_models.span_scores import Score, Span, differences, scores

KETTLE = Span("product", "ketle", "HV-KT-01")
FRIDAY = Span("date", "the next Friday", "2026-11-27")


def test_words_and_value_must_be_right() -> None:
    wrong_value = Span("product", "ketle", "HV-KT-02")
    wrong_words = Span("product", "my ketle", "HV-KT-01")
    for found in (wrong_value, wrong_words):
        assert scores([([KETTLE], [found])]) == {"product": Score(right=0, wrong=1, missed=1)}
    assert scores([([KETTLE], [KETTLE])])["product"].f1 == 1


def test_articles_possessives_and_capitals_are_no_matter() -> None:
    assert scores([([KETTLE], [Span("product", "Ketle's", "HV-KT-01")])])["product"].f1 == 1
    assert scores([([FRIDAY], [Span("date", "next friday", "2026-11-27")])])["date"].f1 == 1


def test_what_is_found_in_a_message_without_entities_costs_precision() -> None:
    score = scores([([KETTLE], [KETTLE]), ([], [KETTLE])])["product"]
    assert (score.precision, score.recall) == (0.5, 1.0)
    assert score.f1 == pytest.approx(2 / 3)


def test_the_same_entity_twice_is_expected_twice() -> None:
    assert scores([([KETTLE, KETTLE], [KETTLE])])["product"] == Score(right=1, missed=1)


def test_differences_are_told_to_a_reader() -> None:
    assert differences([KETTLE], []) == [
        "missed Span(entity='product', words='ketle', value='hv-kt-01')",
    ]
    assert differences([KETTLE], [KETTLE]) == []
