"""Made-up people of a small shop: slips, swapped fields, moved houses, twins, fathers and sons of one name."""

import csv
from itertools import combinations
from pathlib import Path

import pytest

from profiles.linkage import files
from profiles.linkage.files import Plan
from profiles.linkage.model import Linked
from profiles.linkage.reading import BadTable

PEOPLE = Path(__file__).parents[1] / "identity"
CUSTOMERS, TILL = PEOPLE / "customers.csv", PEOPLE / "till.csv"

Pairs = set[tuple[str, str]]


def linked(*paths: Path) -> tuple[Plan, Linked]:
    plan = files.plan(paths, {})
    return plan, files.run(plan, lambda _what, _share: None)


def found(plan: Plan, result: Linked, least: float) -> Pairs:
    return {
        (plan.names[0][pair.left], plan.names[-1][pair.right])
        for pair in result.pairs
        if pair.probability >= least
    }


def person(record: str) -> str:
    return record.partition("-")[0]


@pytest.fixture(scope="module")
def customers() -> tuple[Plan, Linked, Pairs]:
    plan, result = linked(CUSTOMERS)
    truth = {two for two in combinations(plan.names[0], 2) if person(two[0]) == person(two[1])}
    return plan, result, {(min(two), max(two)) for two in truth}


def f1(pairs: Pairs, truth: Pairs) -> float:
    return 2 * len(pairs & truth) / (len(pairs) + len(truth))


def test_duplicates_of_one_file_are_found_without_labels(customers: tuple[Plan, Linked, Pairs]) -> None:
    plan, result, truth = customers
    pairs = {(min(two), max(two)) for two in found(plan, result, result.threshold)}
    assert f1(pairs, truth) >= 0.92
    assert truth <= pairs


def test_where_the_probability_is_high_nobody_is_taken_for_another(
    customers: tuple[Plan, Linked, Pairs],
) -> None:
    plan, result, truth = customers
    pairs = {(min(two), max(two)) for two in found(plan, result, 0.95)}
    assert pairs == truth


def test_families_are_left_to_a_person(customers: tuple[Plan, Linked, Pairs]) -> None:
    plan, result, _ = customers
    certain = found(plan, result, 0.9)
    # A father and a son, twins, two who live together and share a landline.
    for two in ({"P06", "P07"}, {"P38", "P39"}, {"P21", "P22"}, {"P08", "P09"}, {"P18", "P19"}):
        assert not any({person(left), person(right)} == two for left, right in certain)


def test_two_files_with_other_headings_are_linked() -> None:
    plan, result = linked(CUSTOMERS, TILL)
    truth = {(one, other) for one in plan.names[0] for other in plan.names[1] if person(one) == person(other)}
    assert f1(found(plan, result, result.threshold), truth) >= 0.92
    assert found(plan, result, 0.95) <= truth


def test_the_same_file_gives_the_same_result(customers: tuple[Plan, Linked, Pairs]) -> None:
    _, first, _ = customers
    _, second = linked(CUSTOMERS)
    assert [pair.probability for pair in first.pairs] == pytest.approx([p.probability for p in second.pairs])


def test_pairs_are_written_with_what_speaks_for_them(
    customers: tuple[Plan, Linked, Pairs], tmp_path: Path
) -> None:
    plan, result, _ = customers
    files.write(tmp_path / "pairs.csv", plan, result)
    with (tmp_path / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = {frozenset((row["left"], row["right"])): row for row in csv.DictReader(file)}
    swapped = rows[frozenset({"P02-a", "P02-b"})]
    assert swapped["same"] == "yes"
    assert float(swapped["probability"]) > 0.95
    assert "First name in each other's place" in swapped["explanation"]
    assert float(swapped["weight_First name"]) > 0
    moved = rows[frozenset({"P20-a", "P20-b"})]
    assert "Address line 1 different (-" in moved["explanation"]


def test_records_that_share_nothing_give_no_pairs(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("id,first name,surname\n1,Ada,Byrne\n2,Bo,Li\n", "utf-8")
    _, result = linked(path)
    assert result.pairs == []


def test_a_file_without_a_column_that_says_who_it_is(tmp_path: Path) -> None:
    path = tmp_path / "sums.csv"
    path.write_text("id,total\n1,10.50\n2,11.50\n", "utf-8")
    with pytest.raises(BadTable, match="no column was found to compare; name some with --column"):
        files.plan([path], {})


def test_two_records_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("code,surname\n1,Byrne\n1,Li\n", "utf-8")
    with pytest.raises(BadTable, match=r"twice\.csv, line 3: the same code as line 2"):
        files.plan([path], {"code": "record"})
