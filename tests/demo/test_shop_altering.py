"""Changing an order that has not left the shop, and taking acts back."""

from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from demo.shop import create_app

from .conftest import NOW, SHOP_KEY, shop_settings

MARIA, DEREK, TOM = "C000001", "C000002", "C000004"
ELSEWHERE = {"line1": "9 Mill Lane", "city": "Bath", "postcode": "ba1 2lr"}


async def post(
    shop: httpx.AsyncClient, path: str, body: dict[str, Any], key: str = "k1", who: str | None = MARIA
) -> httpx.Response:
    whole = {"customer_id": who, **body} if who else body
    return await shop.post(path, json=whole, headers={"Idempotency-Key": key})


async def order(shop: httpx.AsyncClient, order_id: str, who: str = MARIA) -> dict[str, Any]:
    seen: dict[str, Any] = (await shop.get(f"/orders/{order_id}", params={"customer_id": who})).json()
    return seen


async def undo(shop: httpx.AsyncClient, act: dict[str, Any], who: str = MARIA) -> httpx.Response:
    return await post(shop, f"/acts/{act['act_id']}/undo", {}, key=f"undo:{act['act_id']}", who=who)


@pytest.fixture
async def later(shop_url: str) -> Any:
    """The same shop 31 seconds later."""
    app = create_app(shop_settings(shop_url), clock=lambda: NOW + timedelta(seconds=31))
    headers = {"Authorization": f"Bearer {SHOP_KEY}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers) as client:
        yield client


class TestAddress:
    async def test_an_order_in_preparation_goes_elsewhere(self, shop: httpx.AsyncClient) -> None:
        assert (await order(shop, "RP-100101"))["delivery_address"]["line1"] == "14 Orchard Terrace"
        answer = (await post(shop, "/orders/RP-100101/address", {"address": ELSEWHERE})).json()
        assert answer["message"] == "Order RP-100101 goes to 9 Mill Lane, Bath, BA1 2LR."
        assert (await order(shop, "RP-100101"))["delivery_address"] == answer["delivery_address"]

    async def test_it_is_not_readable_in_the_database(self, shop: httpx.AsyncClient, shop_url: str) -> None:
        await post(shop, "/orders/RP-100101/address", {"address": ELSEWHERE})
        with psycopg.connect(shop_url) as connection:
            kept = connection.execute(
                "SELECT sealed_address, (SELECT sealed_document FROM shop.done_requests) FROM shop.orders"
                " WHERE order_id = 'RP-100101'"
            ).fetchone()
        assert kept is not None
        assert b"Mill" not in kept[0] + kept[1]

    async def test_a_packed_one_does_not(self, shop: httpx.AsyncClient) -> None:
        answer = await post(shop, "/orders/RP-100102/address", {"address": ELSEWHERE})
        assert (answer.status_code, answer.json()["type"]) == (409, "not-changeable")
        assert answer.json()["detail"].startswith("It is packed")

    @pytest.mark.parametrize(
        "wrong", [{"postcode": "10115"}, {"postcode": "BA1"}, {"line1": "9"}, {"city": "..."}]
    )
    async def test_what_can_be_no_uk_address_is_refused_in_words(
        self, shop: httpx.AsyncClient, wrong: dict[str, str]
    ) -> None:
        answer = await post(shop, "/orders/RP-100101/address", {"address": {**ELSEWHERE, **wrong}})
        assert (answer.status_code, answer.json()["type"]) == (422, "not-an-address")
        assert answer.json()["detail"].endswith(".")


class TestItems:
    async def test_fewer_pieces_cost_less(self, shop: httpx.AsyncClient) -> None:
        before = await order(shop, "RP-100101")
        filters = next(item for item in before["items"] if item["sku"] == "HV-CF-06")
        changed = await post(shop, "/orders/RP-100101/items", {"items": [{"sku": "HV-CF-06", "quantity": 1}]})
        answer = changed.json()
        assert answer["total"] == pytest.approx(before["total"] - filters["price"])
        payments = (await shop.get("/payments", params={"customer_id": MARIA})).json()["payments"]
        [reserved] = [p["amount"] for p in payments if p["order_id"] == "RP-100101"]
        assert reserved == answer["total"]

    async def test_a_line_is_taken_out_and_put_back_by_undoing(self, shop: httpx.AsyncClient) -> None:
        before = await order(shop, "RP-100101")
        body = {"items": [{"sku": "HV-CF-06", "quantity": 0}]}
        answer = (await post(shop, "/orders/RP-100101/items", body)).json()
        assert [item["sku"] for item in answer["items"]] == ["HV-CF-04"]
        assert (await undo(shop, answer["act"])).json()["message"] == "The order is as it was before."
        assert await order(shop, "RP-100101") == before

    async def test_what_was_paid_goes_back_in_part_and_cancelling_gives_only_the_rest(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        with psycopg.connect(shop_url) as connection:
            connection.execute("UPDATE shop.payments SET status = 'captured' WHERE order_id = 'RP-100101'")
        before = await order(shop, "RP-100101")
        body = {"items": [{"sku": "HV-CF-06", "quantity": 1}]}
        refund = (await post(shop, "/orders/RP-100101/items", body)).json()["refund"]
        rest = (await post(shop, "/orders/RP-100101/cancel", {}, key="k2")).json()["refund"]
        assert refund["amount"] + rest["amount"] == pytest.approx(before["total"])

    @pytest.mark.parametrize(
        ("items", "words"),
        [
            ([{"sku": "HV-KT-01", "quantity": 1}], "not part of this order"),
            (
                [{"sku": "HV-CF-04", "quantity": 0}, {"sku": "HV-CF-06", "quantity": 0}],
                "cancelling it is the way",
            ),
            ([{"sku": "HV-CF-04", "quantity": 1}], "exactly these quantities"),
            ([{"sku": "HV-CF-04", "quantity": 99}], "in stock"),
        ],
    )
    async def test_what_can_not_be_is_said_in_words(
        self, shop: httpx.AsyncClient, items: list[dict[str, Any]], words: str
    ) -> None:
        answer = await post(shop, "/orders/RP-100101/items", {"items": items})
        assert answer.status_code == 409
        assert words in answer.json()["detail"]


class TestDay:
    async def test_it_comes_on_the_day_that_suits(self, shop: httpx.AsyncClient) -> None:
        answer = (await post(shop, "/orders/RP-100102/day", {"day": "2026-11-27"})).json()
        assert answer["expected_at"].startswith("2026-11-27")
        assert answer["message"] == "Order RP-100102 comes on Friday 27 November."

    @pytest.mark.parametrize("day", ["2026-11-23", "2026-12-24"])
    async def test_the_days_that_are_possible_are_named(self, shop: httpx.AsyncClient, day: str) -> None:
        answer = await post(shop, "/orders/RP-100102/day", {"day": day})
        assert answer.json()["detail"] == "We can bring it from 24 November to 6 December."

    async def test_nothing_comes_on_a_sunday(self, shop: httpx.AsyncClient) -> None:
        answer = await post(shop, "/orders/RP-100102/day", {"day": "2026-11-29"})
        assert answer.json()["detail"] == "Nothing is delivered on a Sunday."


class TestUndoing:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/orders/RP-100102/cancel", {}),
            ("/orders/RP-100104/returns", {"items": ["HV-KT-03"]}),
            ("/orders/RP-100101/address", {"address": ELSEWHERE}),
            ("/orders/RP-100102/day", {"day": "2026-11-27"}),
        ],
    )
    async def test_all_is_as_it_was(self, shop: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
        order_id = path.split("/")[2]
        before = await order(shop, order_id)
        money = (await shop.get("/refunds", params={"customer_id": MARIA})).json()
        paid = (await shop.get("/payments", params={"customer_id": MARIA})).json()
        answer = (await post(shop, path, body)).json()
        undone = await undo(shop, answer["act"])
        assert undone.status_code == 200
        assert undone.json()["order"] == before == await order(shop, order_id)
        assert (await shop.get("/refunds", params={"customer_id": MARIA})).json() == money
        assert (await shop.get("/payments", params={"customer_id": MARIA})).json() == paid

    async def test_after_thirty_seconds_it_stays(
        self, shop: httpx.AsyncClient, later: httpx.AsyncClient
    ) -> None:
        act = (await post(shop, "/orders/RP-100102/cancel", {})).json()["act"]
        answer = await undo(later, act)
        assert (answer.status_code, answer.json()["type"]) == (409, "too-late")
        assert (await order(shop, "RP-100102"))["status"] == "cancelled"

    async def test_the_same_key_again_answers_the_same(self, shop: httpx.AsyncClient) -> None:
        act = (await post(shop, "/orders/RP-100102/cancel", {})).json()["act"]
        first = await undo(shop, act)
        assert (await undo(shop, act)).text == first.text
        other = await post(shop, f"/acts/{act['act_id']}/undo", {}, key="another")
        assert other.json()["type"] == "already-undone"

    async def test_only_the_latest_act_on_an_order_can_be_undone(self, shop: httpx.AsyncClient) -> None:
        moved = (await post(shop, "/orders/RP-100101/address", {"address": ELSEWHERE})).json()["act"]
        await post(shop, "/orders/RP-100101/cancel", {}, key="k2")
        assert (await undo(shop, moved)).json()["type"] == "too-late"

    async def test_an_order_that_moved_on_is_left_alone(self, shop: httpx.AsyncClient, shop_url: str) -> None:
        moved = (await post(shop, "/orders/RP-100101/address", {"address": ELSEWHERE})).json()["act"]
        with psycopg.connect(shop_url) as connection:
            connection.execute("UPDATE shop.orders SET status = 'shipped' WHERE order_id = 'RP-100101'")
        assert (await undo(shop, moved)).json()["type"] == "too-late"

    async def test_somebody_else_can_not(self, shop: httpx.AsyncClient) -> None:
        act = (await post(shop, "/orders/RP-100102/cancel", {})).json()["act"]
        assert (await undo(shop, act, who=DEREK)).json()["type"] == "unknown-act"

    async def test_a_visitor_can_with_order_and_address(self, shop: httpx.AsyncClient) -> None:
        visitor = {"email": "maria.hartley@example.com"}
        act = (await post(shop, "/orders/RP-100102/cancel", visitor, who=None)).json()["act"]
        path = f"/acts/{act['act_id']}/undo"
        assert (await post(shop, path, visitor, key="u1", who=None)).status_code == 422
        body = {**visitor, "order_id": "RP-100102"}
        assert (await post(shop, path, body, key="u2", who=None)).status_code == 200
