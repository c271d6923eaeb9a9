"""The eight personas have what the demo promises of them."""

from datetime import timedelta

import pytest

from demo.facts import facts_of
from demo.personas import load_personas
from demo.policy import load_policy
from demo.records import Customer, Facts, Order, World

OPEN = {"processing", "packed", "shipped", "out_for_delivery"}


@pytest.fixture(scope="module")
def personas(small_world: World) -> dict[str, Customer]:
    return {customer.customer_id: customer for customer in small_world.customers[:8]}


def facts(customer: Customer, world: World) -> Facts:
    return facts_of(customer.orders, customer.interactions, customer.logins, customer.views, world.now)


def newest(customer: Customer) -> Order:
    return customer.orders[-1]


def test_there_are_eight_with_a_line_each() -> None:
    told = load_personas().personas
    assert [persona.customer_id for persona in told] == [f"C{n:06d}" for n in range(1, 9)]
    assert all(0 < len(persona.special) <= 100 for persona in told)


def test_activity_becomes_the_facts_that_the_file_tells(
    small_world: World, personas: dict[str, Customer]
) -> None:
    for told in load_personas().personas:
        known = facts(personas[told.customer_id], small_world)
        assert known.logins_30d == told.activity.logins_30d, told.name
        assert known.product_views_7d == told.activity.product_views_7d, told.name
        earlier = told.earlier.orders if told.earlier else 0
        assert known.orders_total == len(told.orders) + earlier, told.name


def test_the_loyal_one_is_gold_with_several_open_orders(personas: dict[str, Customer]) -> None:
    maria = personas["C000001"]
    assert maria.tier == "gold"
    assert sorted(o.status for o in maria.orders if o.status in OPEN) == ["packed", "processing", "shipped"]
    assert maria.interactions[-1].outcome == "resolved"


def test_the_bargain_hunter_buys_with_codes(small_world: World, personas: dict[str, Customer]) -> None:
    assert facts(personas["C000002"], small_world).discount_share >= 0.7


def test_the_new_one_has_one_order_in_processing(small_world: World, personas: dict[str, Customer]) -> None:
    priya = personas["C000003"]
    assert small_world.now - priya.signed_up_at < timedelta(days=7)
    assert [order.status for order in priya.orders] == ["processing"]


def test_the_power_user_is_there_every_day(small_world: World, personas: dict[str, Customer]) -> None:
    assert facts(personas["C000004"], small_world).logins_30d >= 20


def test_the_one_who_drifts_away_has_an_open_billing_issue_over_a_double_charge(
    small_world: World, personas: dict[str, Customer]
) -> None:
    eleanor = personas["C000005"]
    last = eleanor.interactions[-1]
    assert (last.issue, last.outcome) == ("billing", "open")
    assert last.order is not None
    assert [payment.status for payment in last.order.payments] == ["captured", "duplicate"]
    assert eleanor.agreed("personalisation")
    assert facts(eleanor, small_world).orders_90d == 0


def test_gold_without_consent_has_an_open_order(personas: dict[str, Customer]) -> None:
    gareth = personas["C000006"]
    assert gareth.tier == "gold"
    assert gareth.agreed("service")
    assert not gareth.agreed("personalisation")
    assert gareth.views == []
    assert newest(gareth).status in OPEN


def test_the_casual_one_is_past_the_return_window(small_world: World, personas: dict[str, Customer]) -> None:
    order = newest(personas["C000007"])
    assert order.status == "delivered"
    assert order.delivered_at is not None
    assert small_world.now - order.delivered_at > timedelta(days=load_policy().returns.window_days)


def test_the_last_one_waits_for_a_refund_and_a_late_parcel(
    small_world: World, personas: dict[str, Customer]
) -> None:
    late, returned = newest(personas["C000008"]), personas["C000008"].orders[-2]
    assert late.status == "shipped"
    assert late.expected_at is not None
    assert late.expected_at < small_world.now
    assert [refund.status for refund in returned.refunds] == ["approved"]
