"""Copies for analytics: consent, pseudonyms, and nobody who stands alone."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.rights import analytics
from profiles.rights.analytics import Plan, TooFew, copy, load
from profiles.rights.anonymity import coarsen, smallest_class
from profiles.rights.places import Surroundings
from profiles.store import Store
from tests.profiles.conftest import days_ago, record

PLAN = load()

_PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "age": st.sampled_from(["", "19", "24", "33", "37", "71"]),
            "postcode": st.sampled_from(["", "LS1 4XX", "LS2 9ZZ", "M1 1AE", "EC1A 1BB"]),
            "tier": st.sampled_from(["gold", "standard"]),
            "signed_up": st.sampled_from(["2023", "2025"]),
        }
    ),
    max_size=60,
)


@given(_PEOPLE, st.integers(2, 6))
def test_whatever_the_people_no_row_can_be_told_from_k_minus_1_others(
    people: list[dict[str, str]], k: int
) -> None:
    shown = coarsen(people, PLAN.steps, k)
    assert not shown.rows or smallest_class(list(shown.rows.values())) >= k
    assert sum(shown.by_step) == len(shown.rows)
    if len(people) >= k:
        assert len(people) - len(shown.rows) < k, "only what the last step leaves over is suppressed"


def test_rows_are_coarsened_no_further_than_they_have_to_be() -> None:
    leeds = {"age": "34", "postcode": "LS1 4XX", "tier": "gold", "signed_up": "2024"}
    people = [leeds, leeds | {"age": "38"}, leeds | {"postcode": "LS2 9AA"}, leeds | {"postcode": "LS6 1AA"}]
    shown = coarsen(people, PLAN.steps, 2)
    assert shown.rows[0] == {"age": "30-39", "postcode": "LS1", "tier": "gold", "signed_up": "2024"}
    assert shown.rows[2] == {"age": "30-39", "postcode": "LS", "tier": "gold", "signed_up": "2024"}
    assert shown.by_step[:2] == (2, 2)


def said(**granted: Any) -> list[dict[str, Any]]:
    return [
        {
            "purpose": "analytics",
            "source": "form",
            "version": "1",
            "at": days_ago(9),
            "granted": True,
            **granted,
        }
    ]


@pytest.fixture
async def copied(store: Store, around: Surroundings, tmp_path: Path) -> tuple[dict[str, Any], Path]:
    people = [record(f"C10000{number}", consents=said()) for number in range(6)]
    people += [
        record("C200001", consents=said(granted=False)),
        record("C200002", consents=said(expires_at=days_ago(1))),
        record("C200003", consents=[]),
    ]
    await store.write(people)
    return await copy(store, around, tmp_path / "copy", PLAN), tmp_path / "copy"


async def test_only_those_are_in_it_who_allow_analytics_now(copied: tuple[dict[str, Any], Path]) -> None:
    report, out = copied
    assert (report["customers"], report["without_consent"], report["released"]) == (9, 3, 6)
    assert pq.read_table(out / "customers.parquet").num_rows == 6


async def test_nothing_in_it_names_anybody(copied: tuple[dict[str, Any], Path], around: Surroundings) -> None:
    _, out = copied
    rows = pq.read_table(out / "customers.parquet").to_pylist()
    whole = str(rows) + str(pq.read_table(out / "activity.parquet").to_pylist())
    for told in ("C1000", "Maria", "Okafor", "example.org", "4XX", "1984", around.vault.pseudonym("C100001")):
        assert told not in whole, told
    assert len({row["customer"] for row in rows}) == 6
    assert {(row["age"], row["postcode"]) for row in rows} == {("40-49", "LS1")}


async def test_the_report_says_how_large_the_smallest_class_is(copied: tuple[dict[str, Any], Path]) -> None:
    report, out = copied
    rows = pq.read_table(out / "customers.parquet", columns=PLAN.identifying).to_pylist()
    assert report["smallest_class"] == min(Counter(map(str, rows)).values()) == 6
    assert report["k"] == 5 and report["suppressed"] == 0


async def test_those_who_are_too_few_are_left_out(store: Store, around: Surroundings, tmp_path: Path) -> None:
    await store.write([record(f"C10000{number}", consents=said()) for number in range(4)])
    report = await copy(store, around, tmp_path, PLAN)
    assert (report["released"], report["suppressed"], report["smallest_class"]) == (0, 4, 0)


async def test_nothing_is_left_of_a_copy_that_turns_out_not_to_be_anonymous(
    store: Store, around: Surroundings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.write([record(f"C10000{number}", consents=said()) for number in range(6)])
    monkeypatch.setattr(analytics, "smallest_class", lambda _rows: 1)
    with pytest.raises(TooFew, match="a class of 1 customers"):
        await copy(store, around, tmp_path / "copy", PLAN)
    assert list((tmp_path / "copy").iterdir()) == []


def test_every_step_speaks_of_everything_that_is_identifying() -> None:
    assert all(set(step) == set(PLAN.identifying) for step in PLAN.steps)
    with pytest.raises(ValueError, match="greater than or equal to 2"):
        Plan.model_validate({**PLAN.model_dump(), "k": 1})
