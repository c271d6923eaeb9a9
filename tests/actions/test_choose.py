"""The choice of a text: the first variant that holds and finds its values, else the default."""

from typing import Any

import pytest

from actions.variants.choose import UnknownReply, choose
from actions.variants.compiled import CompiledSet, compile_set
from actions.variants.schema import VariantSet


def compiled(**reply: Any) -> CompiledSet:
    return compile_set(VariantSet.model_validate({"version": "v1", "replies": {"utter_x": reply}}))


def reading(values: dict[str, object]) -> tuple[list[str], Any]:
    names: list[str] = []

    def read(name: str) -> object | None:
        names.append(name)
        return values.get(name)

    return names, read


GOLD = {"attribute": "customer.tier", "op": "==", "value": "gold"}
ANGRY = {"attribute": "message.sentiment", "op": "==", "value": "angry"}


def test_the_first_variant_that_holds_is_said_and_each_check_is_told() -> None:
    variants = compiled(
        default={"text": "plain"},
        variants=[
            {"name": "angry", "when": ANGRY, "text": "sorry"},
            {"name": "gold", "when": GOLD, "text": "gold"},
            {"name": "later", "when": GOLD, "text": "never reached"},
        ],
    )
    names, read = reading({"customer.tier": "gold", "message.sentiment": "neutral"})
    choice = choose(variants, "utter_x", {}, read)
    assert (choice.text, choice.variant) == ("gold", "gold")
    assert [(c.variant, c.holds) for c in choice.checked] == [("angry", False), ("gold", True)]
    assert names == ["message.sentiment", "customer.tier"]


def test_nothing_known_gives_the_default() -> None:
    variants = compiled(default={"text": "plain"}, variants=[{"name": "gold", "when": GOLD, "text": "gold"}])
    assert choose(variants, "utter_x", {}, lambda _name: None).variant == "default"


def test_tags_leave_no_gaps_in_a_text() -> None:
    variants = compiled(default={"text": "Sent. {% if false %}Paid.{% endif %} Bye.\nSoon."})
    assert choose(variants, "utter_x", {}, lambda _name: None).text == "Sent. Bye.\nSoon."


def test_a_variant_that_lacks_a_value_gives_way_to_the_next() -> None:
    variants = compiled(
        default={"text": "plain"},
        variants=[
            {"name": "by_name", "when": GOLD, "text": "Hello {{ customer.first_name }}"},
            {"name": "gold", "when": GOLD, "text": "Hello"},
        ],
    )
    _, read = reading({"customer.tier": "gold"})
    choice = choose(variants, "utter_x", {}, read)
    assert choice.variant == "gold"
    assert choice.unusable == ("by_name",)


def test_an_attribute_in_a_template_is_read_through_the_same_callback() -> None:
    variants = compiled(
        default={"text": "plain"},
        variants=[{"name": "gold", "when": GOLD, "text": "{{ customer.first_name }}: {{ total }}"}],
    )
    names, read = reading({"customer.tier": "gold", "customer.first_name": "Ada"})
    assert choose(variants, "utter_x", {"total": "£9"}, read).text == "Ada: £9"
    assert names == ["customer.tier", "customer.first_name"]


def test_markup_in_a_value_is_not_interpreted_as_a_template() -> None:
    variants = compiled(default={"text": "You said {{ given }}"})
    choice = choose(variants, "utter_x", {"given": "{{ customer.tier }}<b>"}, lambda _name: "gold")
    assert choice.text == "You said {{ customer.tier }}<b>"


def test_a_reply_that_the_set_does_not_have_is_an_error() -> None:
    with pytest.raises(UnknownReply):
        choose(compiled(default={"text": "plain"}), "utter_y", {}, lambda _name: None)
