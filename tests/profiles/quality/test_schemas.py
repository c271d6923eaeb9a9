"""Events are checked against the declared types; whoever writes a type is told what can't be."""

import time
from pathlib import Path
from typing import Any

import pytest

from profiles.activity import WORTH
from profiles.quality.registry import UnusableSchemas, read_types
from profiles.quality.schemas import Registry, check, registry
from tests.profiles.worker.events import event

ORDER = {
    "order_id": "RP-104711",
    "total": 129.5,
    "currency": "GBP",
    "products": [{"sku": "HV-KT-01", "price": 49, "quantity": 2}],
}


def declared(folder: Path, *versions: str, shared: str = "", more: str = "") -> Registry:
    """The registry of one type, Tested, with these schemas as its versions."""
    (folder / "shared.yml").write_text(shared or "{}", "utf-8")
    listed = "".join(
        f"  - {{version: {number}, since: 2026-11-22, schema: {schema}}}\n"
        for number, schema in enumerate(versions, start=1)
    )
    (folder / "tested.yml").write_text(
        f"event: Tested\nabout: A test.\npurpose: service\n{more}\nversions:\n{listed}", "utf-8"
    )
    return Registry(read_types(folder))


def order(**changes: Any) -> list[str]:
    return check(event("m1", event="Order Completed", properties={**ORDER, **changes}))


def test_an_event_as_it_is_declared_has_no_problems() -> None:
    assert order() == []
    assert check(event("m1", "page", name="Home", properties={"path": "/"})) == []
    assert check(event("m1", "identify", traits={"plan": "gold"})) == []


def test_each_problem_is_told_by_its_place_and_repeats_nothing_of_the_event() -> None:
    found = order(total="secret", products=[{"sku": "x"}, {"name": "secret"}], coupon="secret" * 20)
    assert sorted(found) == [
        "properties.coupon: this is longer than 100 characters",
        "properties.products.1: something of what it must have one of is missing",
        'properties.total: this is not of type "number"',
    ]
    assert check(event("m1", event="Order Cancelled")) == ['properties: "order_id" is a required property']


def test_amounts_in_another_currency_are_not_taken_for_pounds() -> None:
    assert order(currency="EUR") == ['properties.currency: this is not one of "GBP"']


def test_a_name_that_nobody_declared_is_a_problem() -> None:
    assert check(event("m1", event="Teapot Polished")) == ["there is no event type of this name"]


def test_every_name_that_counts_for_engagement_is_declared() -> None:
    assert WORTH.keys() <= read_types().keys()


def test_an_event_that_does_not_fit_is_normalised_and_one_that_does_is_left_as_it_is() -> None:
    fits = event("m1", event="Order Completed", properties=ORDER)
    assert registry().accept(fits)[0] is fits
    spelt = {
        **ORDER,
        "order_id": 104711,
        "total": "£129.50",
        "currency": "gbp",
        "channel": "Web-Shop",
        "tax": None,
    }
    normal, problems = registry().accept(event("m1", event="Order Completed", properties=spelt))
    assert problems == []
    assert normal.properties == {**ORDER, "order_id": "104711", "channel": "web"}


def test_what_normalising_does_not_mend_is_still_told() -> None:
    _, problems = registry().accept(
        event("m1", event="Order Completed", properties={**ORDER, "total": "€129.50"})
    )
    assert problems == ['properties.total: this is not of type "number"']


def test_an_event_may_say_which_version_it_keeps_to(tmp_path: Path) -> None:
    older, newer = "{properties: {size: {type: integer}}}", "{properties: {size: {type: [integer, string]}}}"
    tested = declared(tmp_path, older, newer)

    def problems(version: object) -> list[str]:
        context = {"protocols": {"event_version": version}} if version else {}
        return tested.check(event("m1", event="Tested", properties={"size": "large"}, context=context))

    assert problems(None) == problems(2) == problems("2") == []
    assert problems(1) == ['properties.size: this is not of type "integer"']
    assert problems(3) == ["this event type has no version 3"]


def test_a_property_that_becomes_declared_does_not_break_those_who_used_its_name_before(
    tmp_path: Path,
) -> None:
    tested = declared(tmp_path, "{type: object}", "{type: object, properties: {size: {type: integer}}}")
    assert tested.check(event("m1", event="Tested", properties={"size": "large"})) == []


def test_the_purpose_and_the_sensitive_properties_are_those_of_the_type() -> None:
    known = registry()
    assert known.purpose("track", "Order Completed") == "service"
    assert known.purpose("track", "Product Viewed") == known.purpose("page", None) == "analytics"
    assert known.purpose("identify", None) == "service"
    assert known.purpose("track", "Teapot Polished") == "analytics"
    assert known.sensitive("track", "Ticket Opened") == {"subject", "description"}
    assert known.sensitive("identify", None) == frozenset()


def test_a_type_declares_the_properties_of_its_newest_version(tmp_path: Path) -> None:
    tested = declared(tmp_path, "{properties: {a: {}}}", "{properties: {a: {}, b: {}}}")
    assert tested.declared("track", "Tested") == {"a", "b"}
    assert tested.declared("track", "Teapot Polished") == tested.declared("identify", None) == frozenset()


@pytest.mark.parametrize(
    ("versions", "mistake"),
    [
        (
            ["{type: object}", "{required: [size]}"],
            "version 2 refuses what version 1 accepts: the whole: size is",
        ),
        (["{properties: {a: {$ref: nothing}}}"], "nothing is no shared definition"),
        (["{properties: {a: {$ref: loop}}}"], "loop holds itself"),
        (["{$ref: thing, properties: {sku: {}}}"], "sku stands in thing already"),
        (["{properties: {a: {means: guess}}}"], "a: means guess"),
        (["{patternProperties: {a: {}}}"], "patternProperties is not used here"),
        (["{type: teapot}"], "version 1 is no JSON Schema"),
    ],
)
def test_a_type_that_can_not_be_is_refused_with_the_reason(
    tmp_path: Path, versions: list[str], mistake: str
) -> None:
    shared = "thing: {properties: {sku: {type: string}}}\nloop: {items: {$ref: loop}}"
    with pytest.raises(UnusableSchemas, match="tested.yml: .*" + mistake):
        declared(tmp_path, *versions, shared=shared)


def test_a_sensitive_property_must_be_declared(tmp_path: Path) -> None:
    with pytest.raises(UnusableSchemas, match="colour is sensitive, but no property"):
        declared(tmp_path, "{type: object}", more="sensitive: [colour]")


def test_checking_takes_microseconds() -> None:
    checked = event("m1", event="Order Completed", properties=ORDER)
    check(checked)
    fastest = min(_seconds(checked) for _ in range(20))
    assert fastest < 20e-6


def _seconds(checked: Any) -> float:
    began = time.perf_counter()
    for _ in range(100):
        check(checked)
    return (time.perf_counter() - began) / 100
