"""Conditions as people write them: what is accepted, what is refused and how the refusal reads."""

from typing import Any

import pytest
import yaml

from profiles.conditions import ConditionError, attributes, check, describe, parse

KINDS: dict[str, Any] = {
    "customer.tier": "text",
    "customer.orders_90d": "number",
    "customer.segments": "texts",
}


def test_a_condition_survives_being_written_and_read_again() -> None:
    source = """
    all:
      - {attribute: customer.tier, op: in, value: [silver, gold]}
      - any:
          - {attribute: customer.orders_90d, op: '>=', value: 3}
          - not: {missing: customer.segments}
    """
    condition = parse(yaml.safe_load(source))
    assert parse(condition.model_dump(mode="json")) == condition
    assert attributes(condition) == {"customer.tier", "customer.orders_90d", "customer.segments"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("just text", "rules[0].when: a condition has one of the keys"),
        ("{all: []}", "rules[0].when.all: needs a list of at least one condition"),
        (
            "{all: [{missing: a}, {not: {maybe: a}}]}",
            "rules[0].when.all[1].not: a condition has one of the keys",
        ),
        ("{attribute: tier, op: like, value: x}", "rules[0].when.op: 'like' is not one of =="),
        ("{attribute: Tier 1, op: ==, value: x}", "rules[0].when.attribute: 'Tier 1' is not a name"),
        ("{attribute: tier, op: ==}", "rules[0].when.value: is missing"),
        ("{attribute: tier, op: ==, value: x, or: y}", "rules[0].when.or: is not a key"),
        ("{attribute: since, op: ==, value: 2026-11-02}", "rules[0].when.value: datetime.date(2026, 11, 2)"),
        ("{attribute: orders, op: '<', value: many}", "rules[0].when: '<' compares numbers"),
        ("{attribute: orders, op: '<', value: .nan}", "rules[0].when.value: nan is not"),
        ("{attribute: tier, op: in, value: gold}", "rules[0].when: 'in' needs a list"),
        ("{attribute: tier, op: in, value: []}", "rules[0].when: 'in' needs a list"),
        ("{attribute: tier, op: in, value: [gold, 3]}", "rules[0].when: the values of 'in' must be all"),
        ("{attribute: tier, op: ==, value: [gold]}", "rules[0].when: '==' needs one value"),
        ("{attribute: segments, op: contains, value: 3}", "rules[0].when: 'contains' needs a text"),
    ],
)
def test_a_mistake_is_refused_with_its_path(source: str, message: str) -> None:
    with pytest.raises(ConditionError) as refusal:
        parse(yaml.safe_load(source), "rules[0].when")
    assert str(refusal.value).startswith(message)


def test_every_mistake_of_a_condition_is_reported_at_once() -> None:
    with pytest.raises(ConditionError) as refusal:
        parse({"any": [{"attribute": "A", "op": "==", "value": 1}, {"missing": "B"}]})
    assert len(str(refusal.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("condition", "problems"),
    [
        ({"attribute": "customer.tier", "op": "==", "value": "gold"}, []),
        ({"attribute": "customer.segments", "op": "contains", "value": "new"}, []),
        ({"not": {"missing": "customer.teir"}}, ["when.not.missing: 'customer.teir' is not an attribute"]),
        (
            {"all": [{"attribute": "customer.tier", "op": ">", "value": 3}]},
            ["when.all[0].value: 'customer.tier' is of kind text; '>' 3 does not fit it"],
        ),
        (
            {"attribute": "customer.segments", "op": "==", "value": "new"},
            ["when.value: 'customer.segments' is of kind texts; '==' 'new' does not fit it"],
        ),
    ],
)
def test_names_and_kinds_are_checked_against_what_exists(condition: object, problems: list[str]) -> None:
    assert check(parse(condition), KINDS, "when") == problems


def test_description_is_plain_words() -> None:
    condition = parse(
        {
            "all": [
                {"attribute": "customer.segment", "op": "in", "value": ["new", "power_user"]},
                {
                    "any": [
                        {"missing": "customer.last_issue"},
                        {"attribute": "conversation.turns", "op": "<", "value": 3},
                    ]
                },
                {"not": {"attribute": "message.sentiment", "op": "==", "value": "angry"}},
            ]
        }
    )
    assert describe(condition) == (
        "customer's segment is one of new, power user"
        " and (customer's last issue is not known or conversation's turns is below 3)"
        " and not (message's sentiment is angry)"
    )
