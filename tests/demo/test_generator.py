"""The generated world: the same for the same seed and day, and with a truth to find."""

import gzip
import json
from datetime import date, timedelta
from pathlib import Path
from statistics import mean

import pytest

from demo import files
from demo.__main__ import main
from demo.facts import facts_of
from demo.generator import generate
from demo.generator.activity import KEPT_DAYS
from demo.generator.behaviours import KINDS
from demo.policy import load_policy
from demo.records import Behaviour, Customer, Facts, World

from .conftest import TODAY

FILES = (files.CUSTOMERS, files.ORDERS, files.EVENTS, files.TRUTH)


def written(folder: Path, customers: int, day: date, seed: int) -> dict[str, bytes]:
    files.write(generate(customers, day, seed), folder)
    return {name: (folder / name).read_bytes() for name in FILES}


def test_the_same_seed_and_day_give_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path / "a", 60, TODAY, 5) == written(tmp_path / "b", 60, TODAY, 5)


@pytest.mark.parametrize(("day", "seed"), [(TODAY, 6), (TODAY + timedelta(days=1), 5)])
def test_another_seed_or_day_gives_another_world(tmp_path: Path, day: date, seed: int) -> None:
    one, other = written(tmp_path / "a", 60, TODAY, 5), written(tmp_path / "b", 60, day, seed)
    assert all(one[name] != other[name] for name in (files.CUSTOMERS, files.ORDERS, files.EVENTS))


def test_a_customer_is_the_same_however_many_there_are() -> None:
    few, many = generate(20, TODAY), generate(40, TODAY)
    for one, other in zip(few.customers, many.customers, strict=False):
        assert (one.customer_id, one.email, one.logins) == (other.customer_id, other.email, other.logins)


def test_the_command_writes_the_four_files(tmp_path: Path) -> None:
    assert main(["generate", "--out", str(tmp_path), "--customers", "12", "--as-of", "2026-11-22"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)
    profiles = [json.loads(line) for line in (tmp_path / files.CUSTOMERS).read_text("utf-8").splitlines()]
    assert [profile["customer_id"] for profile in profiles] == [f"C{n:06d}" for n in range(1, 13)]


def test_too_few_customers_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "--out", str(tmp_path), "--customers", "3"]) == 1
    assert "personas" in capsys.readouterr().err


def test_the_truth_stays_out_of_the_profile(tmp_path: Path) -> None:
    data = written(tmp_path, 200, TODAY, 5)
    visible = data[files.CUSTOMERS] + data[files.ORDERS] + gzip.decompress(data[files.EVENTS])
    for kind in KINDS:
        if kind.behaviour != "new":  # an everyday word
            assert kind.behaviour.encode() not in visible
    assert b'"behaviour"' not in visible
    assert data[files.TRUTH].count(b"\n") == 200


def test_customers_orders_payments_and_refunds_have_numbers_of_their_own(world: World) -> None:
    orders = [order for customer in world.customers for order in customer.orders]
    for ids in (
        [order.order_id for order in orders],
        [payment.payment_id for order in orders for payment in order.payments],
        [refund.refund_id for order in orders for refund in order.refunds],
        [customer.email for customer in world.customers],
        [customer.phone for customer in world.customers],
        [ticket.interaction_id for customer in world.customers for ticket in customer.interactions],
    ):
        assert "" not in ids
        assert len(set(ids)) == len(ids)


def test_nothing_happens_after_now_or_before_sign_up(world: World) -> None:
    for customer in world.customers:
        happened = [
            *(order.placed_at for order in customer.orders),
            *(ticket.occurred_at for ticket in customer.interactions),
            *(consent.at for consent in customer.consents),
            *customer.logins,
            *(view.at for view in customer.views),
        ]
        assert all(moment <= world.now for moment in happened)
        assert all(moment >= customer.signed_up_at for moment in happened), customer.customer_id


def test_an_order_goes_its_way_in_order(world: World) -> None:
    for customer in world.customers:
        for order in customer.orders:
            steps = [order.placed_at, order.shipped_at, order.delivered_at, order.return_requested_at]
            known = [step for step in steps if step is not None]
            assert known == sorted(known)
            assert (order.delivered_at is not None) == (
                order.status in {"delivered", "return_requested", "returned"}
            )
            assert (order.tracking_code is None) == (order.shipped_at is None)


def test_no_more_is_refunded_than_was_charged(world: World) -> None:
    for customer in world.customers:
        for order in customer.orders:
            charged = sum(payment.amount for payment in order.payments if payment.status == "captured")
            assert sum(refund.amount for refund in order.refunds) <= charged


def test_views_are_kept_only_of_who_agreed_and_only_for_a_while(world: World) -> None:
    oldest = world.now - timedelta(days=KEPT_DAYS)
    for customer in world.customers:
        assert customer.agreed("analytics") or not customer.views
        assert all(view.at >= oldest for view in customer.views)


def test_telephone_numbers_are_of_the_ranges_for_drama(world: World) -> None:
    assert all(
        customer.phone.startswith(("+447700900", "+44207946", "+441")) and len(customer.phone) == 13
        for customer in world.customers
    )


@pytest.fixture(scope="module")
def people(world: World) -> dict[Behaviour, list[Customer]]:
    found: dict[Behaviour, list[Customer]] = {kind.behaviour: [] for kind in KINDS}
    for customer in world.customers[8:]:
        found[customer.behaviour].append(customer)
    return found


@pytest.fixture(scope="module")
def facts(world: World, people: dict[Behaviour, list[Customer]]) -> dict[Behaviour, list[Facts]]:
    return {
        behaviour: [facts_of(c.orders, c.interactions, c.logins, c.views, world.now) for c in customers]
        for behaviour, customers in people.items()
    }


class TestBehaviours:
    """Means over the customers of one behaviour differ as meant."""

    def test_shares_are_about_as_planned(self, people: dict[Behaviour, list[Customer]]) -> None:
        total = sum(len(customers) for customers in people.values())
        for kind in KINDS:
            assert len(people[kind.behaviour]) / total == pytest.approx(kind.share, abs=0.05)

    def test_the_loyal_spend_most_and_reach_gold(
        self, facts: dict[Behaviour, list[Facts]], people: dict[Behaviour, list[Customer]]
    ) -> None:
        spend = {b: mean(fact.spend_total for fact in found) for b, found in facts.items()}
        assert max(spend, key=spend.__getitem__) == "loyal_high_value"
        gold = {b: mean(c.tier == "gold" for c in customers) for b, customers in people.items()}
        assert gold["loyal_high_value"] > 2 * max(v for b, v in gold.items() if b != "loyal_high_value")

    def test_bargain_hunters_buy_with_codes(self, facts: dict[Behaviour, list[Facts]]) -> None:
        share = {b: mean(fact.discount_share for fact in found) for b, found in facts.items()}
        assert share["bargain_hunter"] > 0.6
        assert all(value < 0.45 for b, value in share.items() if b != "bargain_hunter")

    def test_power_users_are_there_nearly_every_day(self, facts: dict[Behaviour, list[Facts]]) -> None:
        logins = {b: mean(fact.logins_30d for fact in found) for b, found in facts.items()}
        assert logins["power_user"] > 1.5 * max(v for b, v in logins.items() if b != "power_user")

    def test_power_users_buy_technical_things(self, people: dict[Behaviour, list[Customer]]) -> None:
        def technical(behaviour: Behaviour) -> float:
            skus = [i.sku for c in people[behaviour] for o in c.orders for i in o.items]
            return mean(sku[3:5] in {"SS", "SH", "NW", "KB", "PC"} for sku in skus)

        assert technical("power_user") > 1.3 * technical("casual")

    def test_the_new_are_new(self, world: World, people: dict[Behaviour, list[Customer]]) -> None:
        assert all(world.now - c.signed_up_at <= timedelta(days=56) for c in people["new"])
        assert all(
            world.now - c.signed_up_at > timedelta(days=56)
            for b, customers in people.items()
            if b != "new"
            for c in customers
        )

    def test_who_drifts_away_bought_once_as_often_as_others_and_hardly_now(
        self, facts: dict[Behaviour, list[Facts]]
    ) -> None:
        drifting = facts["drifting_away"]
        assert mean(fact.orders_total for fact in drifting) > mean(f.orders_total for f in facts["casual"])
        assert mean(fact.orders_90d for fact in drifting) < 0.25 * mean(
            fact.orders_90d for fact in facts["bargain_hunter"]
        )
        assert mean(fact.tickets_open for fact in drifting) > 0.15

    def test_the_casual_come_seldom(self, facts: dict[Behaviour, list[Facts]]) -> None:
        assert mean(fact.engagement for fact in facts["casual"]) < 20

    def test_behaviours_overlap(self, facts: dict[Behaviour, list[Facts]]) -> None:
        """No single threshold on logins tells power users from bargain hunters."""
        power = min(fact.logins_30d for fact in facts["power_user"])
        assert any(fact.logins_30d > power for fact in facts["bargain_hunter"])


def test_tiers_are_what_the_policy_says(world: World) -> None:
    policy = load_policy()
    for customer in world.customers:
        year = [
            order.total - sum(refund.amount for refund in order.refunds)
            for order in customer.orders
            if order.status != "cancelled" and order.placed_at > world.now - timedelta(days=365)
        ]
        assert customer.tier == policy.tier_for(sum(year) / 100), customer.customer_id
