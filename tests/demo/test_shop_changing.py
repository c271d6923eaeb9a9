"""Cancelling and returning: what happens, what is refused in which words, and that it happens once."""

import asyncio
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.records import World
from demo.seed import tables

from .conftest import DATA_KEY

MARIA, DEREK, PRIYA, GARETH = "C000001", "C000002", "C000003", "C000006"


async def cancel(shop: httpx.AsyncClient, order_id: str, who: str, key: str = "k1") -> httpx.Response:
    return await shop.post(
        f"/orders/{order_id}/cancel", json={"customer_id": who}, headers={"Idempotency-Key": key}
    )


async def send_back(
    shop: httpx.AsyncClient, order_id: str, who: str, key: str = "k1", **body: Any
) -> httpx.Response:
    return await shop.post(
        f"/orders/{order_id}/returns",
        json={"customer_id": who, **body},
        headers={"Idempotency-Key": key},
    )


async def refunds(shop: httpx.AsyncClient, who: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await shop.get("/refunds", params={"customer_id": who})).json()["refunds"]
    return found


class TestCancelling:
    async def test_what_was_only_reserved_is_released(self, shop: httpx.AsyncClient) -> None:
        answer = (await cancel(shop, "RP-100101", MARIA)).json()
        assert (answer["status"], answer["cancellable"], answer["expected_at"]) == ("cancelled", False, None)
        assert answer["refund"] is None
        assert answer["message"] == (
            "Order RP-100101 is cancelled. Nothing was charged, so there is nothing to pay back."
        )
        payments = (await shop.get("/payments", params={"customer_id": MARIA})).json()["payments"]
        assert [p["status"] for p in payments if p["order_id"] == "RP-100101"] == ["released"]

    async def test_what_was_charged_goes_back(self, shop: httpx.AsyncClient) -> None:
        answer = (await cancel(shop, "RP-100102", MARIA)).json()
        refund = answer["refund"]
        assert (refund["amount"], refund["status"], refund["method"]) == (99.0, "approved", "paypal")
        assert answer["message"] == (
            "Order RP-100102 is cancelled. £99.00 go back to your PayPal account by 24 November."
        )
        assert (await refunds(shop, MARIA))[0] == refund

    async def test_it_stays_cancelled(self, shop: httpx.AsyncClient) -> None:
        await cancel(shop, "RP-100301", PRIYA)
        seen = (await shop.get("/orders/RP-100301", params={"customer_id": PRIYA})).json()
        assert (seen["status"], seen["cancelled_at"]) == ("cancelled", "2026-11-22T11:30:00Z")

    @pytest.mark.parametrize(
        ("order_id", "who", "words"),
        [
            (
                "RP-100103",
                MARIA,
                "This order was already shipped on 20 November, so it can't be cancelled; "
                "it can be returned once it arrives.",
            ),
            (
                "RP-100104",
                MARIA,
                "This order was already delivered on 12 November, so it can't be cancelled; "
                "it can be returned until 12 December.",
            ),
            (
                "RP-100701",
                "C000007",
                "This order was already delivered on 8 October, so it can't be cancelled; "
                "the 30 days for returning it are over as well.",
            ),
            (
                "RP-100802",
                "C000008",
                "This order is already on its way back to us, so there is nothing left to cancel.",
            ),
        ],
    )
    async def test_a_refusal_can_be_read_by_the_customer(
        self, shop: httpx.AsyncClient, order_id: str, who: str, words: str
    ) -> None:
        answer = await cancel(shop, order_id, who)
        assert (answer.status_code, answer.json()["type"]) == (409, "not-cancellable")
        assert answer.json()["detail"] == words

    async def test_twice_with_another_key_is_refused(self, shop: httpx.AsyncClient) -> None:
        await cancel(shop, "RP-100102", MARIA, key="first")
        again = await cancel(shop, "RP-100102", MARIA, key="second")
        assert again.status_code == 409
        assert "already cancelled on 22 November" in again.json()["detail"]
        assert len(await refunds(shop, MARIA)) == 1

    async def test_somebody_else_can_not(self, shop: httpx.AsyncClient) -> None:
        answer = await cancel(shop, "RP-100102", DEREK)
        assert (answer.status_code, answer.json()["type"]) == (403, "not-your-order")
        assert (await cancel(shop, "RP-100102", MARIA)).status_code == 200

    async def test_a_stranger_with_the_key_does_not_read_the_answer(self, shop: httpx.AsyncClient) -> None:
        await cancel(shop, "RP-100102", MARIA, key="guessed")
        answer = await cancel(shop, "RP-100102", DEREK, key="guessed")
        assert (answer.status_code, answer.json()["type"]) == (403, "not-your-order")

    async def test_without_a_key_nothing_is_done(self, shop: httpx.AsyncClient) -> None:
        answer = await shop.post("/orders/RP-100102/cancel", json={"customer_id": MARIA})
        assert answer.status_code == 422
        assert (await cancel(shop, "RP-100102", MARIA)).status_code == 200

    async def test_a_visitor_cancels_with_an_e_mail_address(self, shop: httpx.AsyncClient) -> None:
        answer = await shop.post(
            "/orders/RP-100301/cancel",
            json={"email": "Priya.Menon@example.net"},
            headers={"Idempotency-Key": "k"},
        )
        assert answer.json()["status"] == "cancelled"


class TestReturning:
    async def test_a_whole_order(self, shop: httpx.AsyncClient) -> None:
        answer = (await send_back(shop, "RP-100104", MARIA, reason="changed my mind")).json()
        assert (answer["status"], answer["returnable"]) == ("return_requested", False)
        assert (answer["refund"]["amount"], answer["refund"]["status"]) == (94.0, "requested")
        assert [item["sku"] for item in answer["return"]["items"]] == ["HV-KT-01", "HV-KT-03"]
        assert answer["return"]["drop_off_by"] == "2026-12-06"
        assert answer["message"] == (
            "The return of Kettlewick Clearwater Glass Kettle and Kettlewick Four Slice Toaster is registered. "
            "Please hand it in by 6 December. £94.00 go back to you once it has arrived and been checked."
        )

    async def test_one_item_and_then_the_other(self, shop: httpx.AsyncClient) -> None:
        first = (await send_back(shop, "RP-100104", MARIA, "a", items=["HV-KT-03"])).json()
        assert (first["refund"]["amount"], first["returnable"]) == (45.0, True)
        again = await send_back(shop, "RP-100104", MARIA, "b", items=["HV-KT-03"])
        assert again.json()["detail"] == "A return of Kettlewick Four Slice Toaster was already registered."
        rest = (await send_back(shop, "RP-100104", MARIA, "c")).json()
        assert (rest["refund"]["amount"], rest["returnable"]) == (49.0, False)
        none = await send_back(shop, "RP-100104", MARIA, "d")
        assert none.json()["detail"] == "A return of everything in this order was already registered."

    async def test_a_discount_is_not_paid_out(self, shop: httpx.AsyncClient) -> None:
        answer = (await send_back(shop, "RP-100202", DEREK, items=["HV-BD-04"])).json()
        assert answer["refund"]["amount"] == 44.25  # £59.00 less a quarter

    @pytest.mark.parametrize(
        ("order_id", "who", "words"),
        [
            (
                "RP-100701",
                "C000007",
                "This order could be returned until 7 November, 30 days after it was delivered, "
                "so it can no longer be returned.",
            ),
            (
                "RP-100101",
                MARIA,
                "This order has not been shipped yet, so there is nothing to return; it can be cancelled.",
            ),
            (
                "RP-100103",
                MARIA,
                "This order has not arrived yet; it can be returned once it is delivered.",
            ),
            ("RP-100802", "C000008", "This order has already been returned."),
        ],
    )
    async def test_a_refusal_can_be_read_by_the_customer(
        self, shop: httpx.AsyncClient, order_id: str, who: str, words: str
    ) -> None:
        answer = await send_back(shop, order_id, who)
        assert (answer.status_code, answer.json()["type"]) == (409, "not-returnable")
        assert answer.json()["detail"] == words

    async def test_whatever_the_customer_gives_as_reason_is_taken(self, shop: httpx.AsyncClient) -> None:
        answer = await send_back(shop, "RP-100104", MARIA, reason="<b>\x00broke</b> " * 5_000)
        assert answer.status_code == 200

    async def test_what_was_not_ordered_is_refused(self, shop: httpx.AsyncClient) -> None:
        answer = await send_back(shop, "RP-100104", MARIA, items=["HV-TV-02"])
        assert answer.json()["detail"] == "HV-TV-02 is not part of this order."

    async def test_somebody_else_can_not(self, shop: httpx.AsyncClient) -> None:
        assert (await send_back(shop, "RP-100104", DEREK)).json()["type"] == "not-your-order"


class TestOnce:
    async def test_the_same_key_gives_the_same_document(self, shop: httpx.AsyncClient) -> None:
        first, again = [await cancel(shop, "RP-100102", MARIA, "k") for _ in range(2)]
        assert (first.status_code, first.json()) == (again.status_code, again.json())
        assert len(await refunds(shop, MARIA)) == 1

    async def test_concurrent_calls_with_one_key_act_once(self, shop: httpx.AsyncClient) -> None:
        answers = await asyncio.gather(*(cancel(shop, "RP-100102", MARIA, "k") for _ in range(12)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
        assert len(await refunds(shop, MARIA)) == 1

    async def test_of_concurrent_calls_with_many_keys_one_wins(self, shop: httpx.AsyncClient) -> None:
        answers = await asyncio.gather(
            *(send_back(shop, "RP-100104", MARIA, f"k{n}") for n in range(8)),
        )
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
        assert len(await refunds(shop, MARIA)) == 1

    async def test_a_key_is_good_for_one_request_only(self, shop: httpx.AsyncClient) -> None:
        await send_back(shop, "RP-100104", MARIA, "k", items=["HV-KT-03"])
        other = await send_back(shop, "RP-100104", MARIA, "k", items=["HV-KT-01"])
        assert (other.status_code, other.json()["type"]) == (409, "key-reused")
        assert len(await refunds(shop, MARIA)) == 1

    async def test_an_order_that_somebody_holds_is_given_up_and_nothing_done(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        with psycopg.connect(shop_url) as connection:
            connection.execute("SELECT 1 FROM shop.orders WHERE order_id = 'RP-100102' FOR UPDATE")
            held = await cancel(shop, "RP-100102", MARIA, "k")
        assert (held.status_code, held.json()["type"]) == (503, "database-unavailable")
        assert (await cancel(shop, "RP-100102", MARIA, "k")).status_code == 200
        assert len(await refunds(shop, MARIA)) == 1

    async def test_a_refusal_does_not_use_up_the_key(self, shop: httpx.AsyncClient, shop_url: str) -> None:
        assert (await send_back(shop, "RP-100103", MARIA, "k")).status_code == 409
        with psycopg.connect(shop_url) as connection:
            connection.execute(
                "UPDATE shop.orders SET status = 'delivered', delivered_at = '2026-11-22T08:00Z' "
                "WHERE order_id = 'RP-100103'"
            )
        assert (await send_back(shop, "RP-100103", MARIA, "k")).status_code == 200

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        calls=st.lists(
            st.tuples(
                st.sampled_from(["RP-100101", "RP-100102", "RP-100104"]),
                st.sampled_from(["cancel", "returns"]),
                st.integers(0, 2),
            ),
            min_size=1,
            max_size=8,
        )
    )
    async def test_whatever_is_called_no_order_is_refunded_beyond_what_was_paid(
        self,
        shop: httpx.AsyncClient,
        shop_url: str,
        small_world: World,
        calls: list[tuple[str, str, int]],
    ) -> None:
        with psycopg.connect(shop_url) as connection:
            tables.fill(connection, small_world, DATA_KEY, lambda _table: None)
        answers = await asyncio.gather(
            *(
                shop.post(
                    f"/orders/{order_id}/{act}",
                    json={"customer_id": MARIA},
                    headers={"Idempotency-Key": f"{act}:{order_id}:{number}"},
                )
                for order_id, act, number in calls
            )
        )
        kept: dict[tuple[str, str, int], str] = {}
        for call, answer in zip(calls, answers, strict=True):
            assert answer.status_code in {200, 409}
            if answer.status_code == 200:
                assert kept.setdefault(call, answer.text) == answer.text
        with psycopg.connect(shop_url) as connection:
            rows = connection.execute(
                """
                SELECT sum(r.amount), (SELECT sum(p.amount) FROM shop.payments p
                                       WHERE p.order_id = r.order_id AND p.status = 'captured')
                FROM shop.refunds r JOIN shop.orders o USING (order_id)
                WHERE o.customer_id = %s GROUP BY r.order_id
                """,
                (MARIA,),
            ).fetchall()
        assert all(refunded <= captured for refunded, captured in rows)


async def test_an_unpaid_invoice_is_simply_released(shop: httpx.AsyncClient) -> None:
    answer = (await cancel(shop, "RP-100601", GARETH)).json()
    assert (answer["status"], answer["refund"]) == ("cancelled", None)
