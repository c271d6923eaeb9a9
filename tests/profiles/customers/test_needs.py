"""What customers most likely need: rules as data."""

from pathlib import Path

import pytest

from profiles.conditions import ConditionError
from profiles.customers.needs import expected_needs, load_needs


def test_nothing_is_expected_of_whom_nothing_is_known() -> None:
    assert expected_needs(load_needs(), {}) == []


def test_each_rule_of_the_file_can_hold() -> None:
    samples = [
        {"tickets_open": 2},
        {"last_issue_outcome": "handed_off", "days_since_issue": 3},
        {"last_issue": "refund", "days_since_issue": 20},
        {"days_since_order": 2},
        {"last_issue": "billing", "days_since_issue": 29},
        {"days_since_signup": 5},
        {"orders_total": 4, "days_since_order": 200},
    ]
    rules = load_needs()
    for rule, attributes in zip(rules, samples, strict=True):
        assert rule.need in {need.need for need in expected_needs(rules, attributes)}


def test_mistakes_are_told_by_place(tmp_path: Path) -> None:
    file = tmp_path / "needs.yml"
    file.write_text(
        "version: 1\nneeds:\n- {need: a, title: A, when: {attribute: customer.height, op: '>', value: 1}}\n"
    )
    with pytest.raises(ConditionError, match=r"needs\[0\]\.when"):
        load_needs(file)


def test_a_file_of_another_form_is_refused_by_the_places_in_it(tmp_path: Path) -> None:
    file = tmp_path / "needs.yml"
    file.write_text("version: 1\nneeds: [{need: help_now, when: {missing: customer.tier}, why: because}]\n")
    with pytest.raises(ConditionError) as told:
        load_needs(file)
    assert str(told.value).splitlines() == [
        "needs.yml: needs.0.title: Field required",
        "needs.yml: needs.0.why: Extra inputs are not permitted",
    ]
