"""Kleene's three values, and which attributes an evaluation reads."""

import pytest

from profiles.conditions import evaluate, holds, parse

TRUE = {"attribute": "yes", "op": "==", "value": True}
FALSE = {"attribute": "yes", "op": "==", "value": False}
UNKNOWN = {"attribute": "nothing", "op": "==", "value": 1}
VALUES = {"yes": True, "number": 3, "text": "red kettle", "texts": ["new", "casual"]}


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({"all": [TRUE, UNKNOWN]}, None),
        ({"all": [UNKNOWN, FALSE]}, False),
        ({"any": [UNKNOWN, TRUE]}, True),
        ({"any": [FALSE, UNKNOWN]}, None),
        ({"not": UNKNOWN}, None),
        ({"not": FALSE}, True),
        ({"missing": "nothing"}, True),
        ({"missing": "yes"}, False),
        ({"attribute": "nothing", "op": "!=", "value": 1}, None),
        ({"attribute": "nothing", "op": "not_in", "value": [1]}, None),
        ({"attribute": "number", "op": "==", "value": 3.0}, True),
        ({"attribute": "number", "op": "in", "value": [1, 2]}, False),
        ({"attribute": "text", "op": "contains", "value": "kettle"}, True),
        ({"attribute": "texts", "op": "contains", "value": "new"}, True),
        ({"attribute": "texts", "op": "contains", "value": "ne"}, False),
        ({"attribute": "text", "op": "==", "value": 3}, None),
        ({"attribute": "text", "op": "<", "value": 3}, None),
        ({"attribute": "yes", "op": "==", "value": 1}, None),
    ],
)
def test_verdict(condition: object, verdict: bool | None) -> None:
    assert evaluate(parse(condition), VALUES.get) is verdict
    assert holds(parse(condition), VALUES.get) is (verdict is True)


def test_only_what_is_needed_is_read() -> None:
    read: list[str] = []

    def reader(name: str) -> object | None:
        read.append(name)
        return VALUES.get(name)

    evaluate(parse({"any": [FALSE, {"attribute": "number", "op": ">", "value": 1}, UNKNOWN]}), reader)
    assert read == ["yes", "number"]
