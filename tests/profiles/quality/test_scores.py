"""Each way to measure says what it is meant to say, and the score is their weighted mean."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.quality.rules import Rules, read_rules
from profiles.quality.scores import Score, Value, of_sources, score_all, weighted
from profiles.traits.versions import of_files

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES: Rules = read_rules()
SCHEMA = of_files()


def said(customer: str, attribute: str, value: Any, source: str = "shop", days: float = 1) -> Value:
    return Value(customer, attribute, source, NOW - timedelta(days=days), value)


def scored(*values: Value) -> dict[tuple[str, str], Score]:
    return {(one.source, one.attribute): one for one in score_all(values, SCHEMA, RULES, NOW)}


def test_completeness_is_of_the_customers_whom_the_source_knows() -> None:
    found = scored(
        said("C1", "first_name", "Ann"),
        said("C2", "first_name", "Bo"),
        said("C1", "email", "a@example.org"),
        said("C3", "email", "c@example.org", source="web"),
    )
    assert found["shop", "first_name"].measures.completeness == 1
    assert found["shop", "email"].measures.completeness == 0.5
    assert found["web", "email"].measures.completeness == 1


@pytest.mark.parametrize(
    ("attribute", "good", "bad"),
    [
        ("email", "Ann <ann@example.org>", "ann at example"),
        ("phone", "020 7946 0018", "none"),
        ("birth_date", "1984-03-09", "2084-03-09"),
        ("preferred_channel", "Live chat", "owl"),
        ("language", "en-GB", "Klingon"),
        (
            "address",
            {"line1": "4 Kiln Lane", "city": "Leeds", "postcode": "ls14xx", "country": "UK"},
            {"line1": "4 Kiln Lane", "city": "Leeds", "postcode": "80331", "country": "UK"},
        ),
        ("household_size", 3, None),
    ],
)
def test_a_value_is_valid_when_it_is_what_its_rule_says(attribute: str, good: Any, bad: Any) -> None:
    found = scored(said("C1", attribute, good), said("C2", attribute, bad))
    assert found["shop", attribute].measures.validity == 0.5


def test_what_only_one_customer_can_have_is_unique_when_only_one_has_it() -> None:
    found = scored(
        said("C1", "email", "ann@example.org"),
        said("C2", "email", "ANN@example.org"),
        said("C3", "email", "cy@example.org"),
        said("C1", "first_name", "Ann"),
        said("C2", "first_name", "Ann"),
    )
    assert found["shop", "email"].measures.uniqueness == pytest.approx(1 / 3)
    assert found["shop", "first_name"].measures.uniqueness is None


def test_values_are_timely_until_they_are_as_old_as_their_half_life() -> None:
    life = SCHEMA.matrix.half_life("phone")
    found = scored(
        said("C1", "phone", "020 7946 0018", days=life - 1),
        said("C2", "phone", "020 7946 0019", days=life + 1),
    )
    assert found["shop", "phone"].measures.timeliness == 0.5


def test_sources_are_consistent_when_they_mean_the_same_however_they_spell_it() -> None:
    found = scored(
        said("C1", "phone", "020 7946 0018"),
        said("C1", "phone", "+44 20 7946 0018", source="pos"),
        said("C2", "phone", "020 7946 0019"),
        said("C2", "phone", "020 7946 9999", source="pos"),
        said("C3", "phone", "020 7946 0020"),
        said("C1", "language", "en"),
    )
    assert found["shop", "phone"].measures.consistency == 0.5
    assert found["pos", "phone"].measures.consistency == 0.5
    assert found["shop", "language"].measures.consistency is None


def test_the_score_is_the_weighted_mean_of_what_was_measured() -> None:
    [one] = scored(said("C1", "first_name", "Ann", days=9999)).values()
    weights = RULES.weights
    measured = weights.completeness + weights.validity + weights.timeliness
    assert one.score == pytest.approx((weights.completeness + weights.validity) / measured)


def test_a_source_is_as_good_as_its_values() -> None:
    scores = list(scored(*(said(f"C{n}", "phone", "020 7946 0018" if n else "?") for n in range(4))).values())
    assert of_sources(scores) == {"shop": pytest.approx(scores[0].score)}


values = st.builds(
    said,
    st.sampled_from(["C1", "C2", "C3"]),
    st.sampled_from(["email", "phone", "language", "first_name"]),
    st.one_of(st.none(), st.text(max_size=5), st.sampled_from(["a@b.org", "020 7946 0018", "en"])),
    st.sampled_from(["shop", "web"]),
    st.integers(0, 4000),
)


@settings(deadline=None)
@given(st.lists(values, max_size=12, unique_by=lambda one: (one.customer_id, one.attribute, one.source)))
def test_scores_are_between_0_and_1_and_do_not_depend_on_the_order(some: list[Value]) -> None:
    scores = score_all(some, SCHEMA, RULES, NOW)
    assert all(0 <= one.score <= 1 for one in scores)
    assert all(one.score == pytest.approx(weighted(one.measures, RULES)) for one in scores)
    assert scores == score_all(some[::-1], SCHEMA, RULES, NOW)
