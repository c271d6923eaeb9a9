"""What the assistant can say of the shop's products."""

import pytest

from actions.catalogue import FEW, Catalogue, Product, card, stock_state
from actions.settings import DATA

CATALOGUE = Catalogue.load(DATA / "catalog" / "products.yml")


def product(sku: str) -> Product:
    found = CATALOGUE.product(sku)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        ("how heavy are they", ["Weight: 252 g"]),
        ("how long does the battery last?", ["Battery: 38 hours"]),
        ("what COLOR is it", ["Colour: midnight blue"]),
        ("noise cancelling?", ["Noise cancelling: yes"]),
        ("are they any good", []),
    ],
)
def test_the_facts_that_the_words_ask_for(words: str, facts: list[str]) -> None:
    assert CATALOGUE.asked_facts(product("HV-HP-01"), words) == facts


def test_a_fact_names_other_products_and_not_their_numbers() -> None:
    compatibility = CATALOGUE.facts(product("HV-NW-04"))["compatibility"]
    assert compatibility == "Compatibility: Nettwick Beacon 6 Router and Nettwick Beacon 5 Router"


def test_differences_are_told_in_the_order_of_the_products_and_what_is_alike_is_left_out() -> None:
    lines = CATALOGUE.differences(CATALOGUE.named(["HV-HP-02", "HV-HP-01", "HV-HP-02"]))
    assert "Price: £99 against £149" in lines
    assert "Battery: 26 hours against 38 hours" in lines
    assert not any("Noise" in line for line in lines)


@pytest.mark.parametrize(
    ("words", "like", "budget", "first"),
    [
        ("which vacuum cleaner for pets", "HV-CL-01", None, "Vacuum"),
        ("a kettle under 50", "HV-KT-01", 50.0, "Kettle"),
        ("some headphones under 100", "HV-HP-01", 100.0, "phones"),
        ("a good coffee machine", None, None, "Machine"),
    ],
)
def test_suggestions_are_of_the_kind_affordable_and_in_stock(
    words: str, like: str | None, budget: float | None, first: str
) -> None:
    found = CATALOGUE.suggestions(words, CATALOGUE.product(like), budget)
    assert found
    assert first in found[0].name
    assert len(found) <= 3
    assert all(found_one.stock and found_one.price <= (budget or 10_000) for found_one in found)
    assert not any(found_one.accessory_of for found_one in found)


def test_nothing_is_suggested_without_a_kind_or_when_nothing_is_affordable() -> None:
    assert CATALOGUE.suggestions("something nice for my mother", None, None) == []
    assert CATALOGUE.suggestions("headphones", product("HV-HP-01"), 1.0) == []


@pytest.mark.parametrize(
    ("left", "state", "line"),
    [
        (0, "none", "Out of stock"),
        (FEW, "few", f"Only {FEW} left"),
        (FEW + 1, "plenty", "In stock"),
    ],
)
def test_stock_in_words(left: int, state: str, line: str) -> None:
    some = product("HV-HP-01").model_copy(update={"stock": left})
    assert stock_state(some) == state
    assert card(CATALOGUE, some)["lines"][-2:] == ["Warranty: 24 months", line]
