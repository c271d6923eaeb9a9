"""Which order is meant, from the words a customer uses."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.returning import reason_in
from actions.orders import card, days_meant, is_order_id, label, pick, pick_items
from actions.shop import Item, Order

TODAY = date(2026, 11, 22)


def order(number: int, days_ago: int, sku: str, name: str, total: float = 10.0) -> Order:
    placed = datetime(2026, 11, 22, 9, tzinfo=UTC) - timedelta(days_ago)
    return Order(
        order_id=f"RP-{number}",
        status="shipped",
        placed_at=placed,
        items=[Item(sku=sku, name=name, price=total)],
        total=total,
    )


KETTLE = order(100001, 2, "K1", "Kettlewick Clearwater Glass Kettle", 49.0)
LAMP = order(100002, 5, "L1", "Glimmerby Willow Floor Lamp", 99.0)
RADIO = order(100003, 19, "R1", "Thrumm Attic Radio", 79.5)
ORDERS = [KETTLE, LAMP, RADIO]
SHOWN = [found.order_id for found in ORDERS]


def meant(text: str, shown: list[str] = SHOWN, **hints: Any) -> list[Order]:
    given_hints = {"skus": [], "dates": [], "amounts": [], **hints}
    return pick(ORDERS, shown, text=text, today=TODAY, **given_hints)


@pytest.mark.parametrize(
    ("text", "hints", "expected"),
    [
        ("the second one", {}, [LAMP]),
        ("3", {}, [RADIO]),
        ("the last one", {}, [KETTLE]),
        ("my oldest", {}, [RADIO]),
        ("the lamp please", {}, [LAMP]),
        ("the kettel", {}, [KETTLE]),
        ("this thing", {"skus": ["R1"]}, [RADIO]),
        ("the one for £79.50", {"amounts": ["£79.50"]}, [RADIO]),
        ("from the 17th", {"dates": ["the 17th"]}, [LAMP]),
        ("bought 3 November", {"dates": ["3 November"]}, [RADIO]),
        ("no idea", {}, []),
        ("first please", {}, [KETTLE]),
        ("number two", {}, [LAMP]),
        ("the bottom one", {}, [RADIO]),
        ("the newest", {}, [KETTLE]),
        ("most recent order", {}, [KETTLE]),
        ("the cheapest", {}, [KETTLE]),
        ("the expensive one", {}, [LAMP]),
        ("the one from tuesday", {}, [LAMP]),
        ("the £99 one", {}, [LAMP]),
        ("the one for 79 quid", {}, [RADIO]),
        ("the one i got last month", {}, []),
    ],
)
def test_an_order_is_found_by_place_product_amount_date_or_age(
    text: str, hints: dict[str, Any], expected: list[Order]
) -> None:
    assert meant(text, **hints) == expected


def test_a_number_is_a_place_only_in_a_list_that_was_shown() -> None:
    assert meant("the second one", shown=[]) == []


def test_without_a_list_the_first_is_the_oldest() -> None:
    assert meant("the first one", shown=[]) == [RADIO]


def test_the_newest_narrows_what_the_product_leaves_open() -> None:
    another = order(100004, 30, "K2", "Kettlewick Whirl Kettle")
    found = pick([KETTLE, another], [], text="the older kettle", skus=[], dates=[], amounts=[], today=TODAY)
    assert found == [another]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("the second", ["B"]),
        ("last one", ["C"]),
        ("the cheaper one", ["A"]),
        ("the £30 one", ["C"]),
        ("no", []),
    ],
)
def test_an_item_is_found_by_place_or_price(words: str, expected: list[str]) -> None:
    items = [
        Item(sku=sku, name=f"Thing {sku}", price=price) for sku, price in (("A", 10), ("B", 20), ("C", 30))
    ]
    found = pick_items(items, text=words, skus=[], amounts=[], by_place=True)
    assert [item.sku for item in found] == expected


def test_a_hint_that_fits_several_gives_them_all() -> None:
    another = order(100004, 30, "K2", "Kettlewick Whirl Kettle")
    found = pick([KETTLE, another], [], text="my kettle", skus=[], dates=[], amounts=[], today=TODAY)
    assert found == [KETTLE, another]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("3 November", {date(2026, 11, 3)}),
        ("Nov 5th", {date(2026, 11, 5)}),
        ("12/11/2026", {date(2026, 11, 12)}),
        ("2026-10-31", {date(2026, 10, 31)}),
        ("in November", {date(2026, 11, day) for day in range(1, 23)}),
        ("yesterday", {date(2026, 11, 21)}),
        ("3 December", {date(2025, 12, 3)}),
        ("31/02/2026", set()),
        ("about two weeks ago", set()),
        # As the entity extractor values "last week" and "in October".
        ("2026-11-09/2026-11-15", {date(2026, 11, day) for day in range(9, 16)}),
        ("2026-11-31/2026-12-02", set()),
        ("2026-10", {date(2026, 10, day) for day in range(1, 32)}),
    ],
)
def test_dates_are_read_the_british_way_and_lie_in_the_past(words: str, expected: set[date]) -> None:
    assert days_meant(words, TODAY) == expected


@given(st.text(max_size=40))
def test_any_words_are_taken_as_a_date_without_an_error(words: str) -> None:
    assert all(isinstance(day, date) for day in days_meant(words, TODAY))


@given(st.text(max_size=80))
def test_any_words_pick_only_among_the_orders_given(text: str) -> None:
    assert all(found in ORDERS for found in meant(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I got the wrong size.", "wrong size"),
        ("arrived broken", "damaged on arrival"),
        ("it stopped working", "faulty"),
        ("not what I ordered", "wrong item"),
        ("changed my mind", "changed my mind"),
        ("RP-100234", None),
    ],
)
def test_usual_reasons_are_recognised(text: str, reason: str | None) -> None:
    assert reason_in(text) == reason


def test_only_the_shops_own_form_is_an_order_id() -> None:
    assert is_order_id("RP-100234")
    assert not any(map(is_order_id, ["3348917502", "RP-10023", "RP-100234 ", "rp-100234"]))


def test_a_card_and_a_label_show_what_the_contract_says() -> None:
    shown = card(LAMP)
    assert shown["title"] == "Order RP-100002: on its way"
    assert shown["total"] == "£99"
    assert shown["placed"] == "2026-11-17"
    assert len(label(order(100009, 1, "X", "A " * 80))) <= 60
