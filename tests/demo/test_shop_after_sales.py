"""Invoices, warranty, cases, and what became of a payment."""

from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from demo.shop.cases import months_later

from .conftest import NOW
from .outbox import mails

MARIA, PRIYA, ELEANOR, AOIFE = "C000001", "C000003", "C000005", "C000007"
CASE = {"kind": "defect", "problem": "the lid does not close", "remedy": "replacement"}


async def get(shop: httpx.AsyncClient, path: str, who: str = MARIA) -> httpx.Response:
    return await shop.get(path, params={"customer_id": who})


async def post(
    shop: httpx.AsyncClient, path: str, body: dict[str, Any], who: str = MARIA, key: str = "k1"
) -> httpx.Response:
    return await shop.post(path, json={"customer_id": who, **body}, headers={"Idempotency-Key": key})


class TestInvoices:
    async def test_net_and_vat_are_the_total(self, shop: httpx.AsyncClient) -> None:
        invoice = (await get(shop, "/orders/RP-100104/invoice")).json()
        assert invoice["invoice_number"] == "HV-2026-100104"
        assert invoice["net"] + invoice["vat"] == pytest.approx(invoice["total"])
        assert invoice["net"] * 1.2 == pytest.approx(invoice["total"], abs=0.01)
        lines = sum(line["amount"] for line in invoice["lines"])
        assert lines + invoice["delivery_fee"] == pytest.approx(invoice["total"])
        assert invoice["paid"] is True

    async def test_before_it_leaves_there_is_none(self, shop: httpx.AsyncClient) -> None:
        answer = await get(shop, "/orders/RP-100101/invoice")
        assert (answer.status_code, answer.json()["type"]) == (409, "no-invoice")

    async def test_it_is_sent_to_the_address_on_file_once(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        for _ in range(2):
            answer = await post(shop, "/orders/RP-100104/invoice", {"bill_to": "Hartley Design Ltd"})
        assert answer.json()["sent_to"] == "m•••@example.com"
        [mail] = mails(shop_url)
        assert mail["to"] == "maria.hartley@example.com"
        assert "Billed to: Hartley Design Ltd" in mail["body"]


class TestCases:
    async def test_the_warranty_runs_from_delivery(self, shop: httpx.AsyncClient) -> None:
        kettle = (await get(shop, "/orders/RP-100104/warranty")).json()["items"][0]
        assert (kettle["starts_on"], kettle["covered"]) == ("2026-11-12", True)
        assert kettle["ends_on"].endswith("-11-12")

    @pytest.mark.parametrize(
        ("start", "months", "end"),
        [("2026-01-31", 1, "2026-02-28"), ("2026-12-15", 24, "2028-12-15"), ("2024-02-29", 12, "2025-02-28")],
    )
    def test_months_end_on_a_day_that_exists(self, start: str, months: int, end: str) -> None:
        assert months_later(NOW.date().fromisoformat(start), months).isoformat() == end

    async def test_a_defect_becomes_a_case_that_can_be_withdrawn(self, shop: httpx.AsyncClient) -> None:
        answer = (await post(shop, "/orders/RP-100104/cases", {"sku": "HV-KT-01", **CASE})).json()
        assert (answer["case"]["status"], answer["case"]["answer_by"]) == ("open", "2026-11-24")
        again = await post(shop, "/orders/RP-100104/cases", {"sku": "HV-KT-01", **CASE}, key="k2")
        assert again.json()["type"] == "case-open"
        assert answer["case"]["case_id"] in again.json()["detail"]
        await post(shop, f"/acts/{answer['act']['act_id']}/undo", {}, key="u")
        [case] = (await get(shop, "/orders/RP-100104/cases")).json()["cases"]
        assert case["status"] == "withdrawn"

    async def test_after_a_while_it_is_repaired_rather_than_replaced(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        with psycopg.connect(shop_url) as connection:
            connection.execute(
                "UPDATE shop.orders SET delivered_at = %s WHERE order_id = 'RP-100104'",
                (NOW - timedelta(days=91),),
            )
        answer = await post(shop, "/orders/RP-100104/cases", {"sku": "HV-KT-01", **CASE})
        assert answer.json()["type"] == "no-replacement"
        repair = {**CASE, "remedy": "repair", "sku": "HV-KT-01"}
        assert (await post(shop, "/orders/RP-100104/cases", repair)).status_code == 200

    async def test_nothing_to_put_right_before_it_arrives(self, shop: httpx.AsyncClient) -> None:
        answer = await post(shop, "/orders/RP-100103/cases", {"sku": "HV-SS-02", **CASE})
        assert answer.json()["type"] == "not-delivered"

    async def test_a_warranty_that_is_over_is_said_with_its_day(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        with psycopg.connect(shop_url) as connection:
            connection.execute(
                "UPDATE shop.orders SET delivered_at = %s WHERE order_id = 'RP-100701'",
                (NOW - timedelta(days=3000),),
            )
        answer = await post(shop, "/orders/RP-100701/cases", {"sku": "HV-AR-03", **CASE}, who=AOIFE)
        assert answer.json()["type"] == "no-warranty"
        assert "ended on" in answer.json()["detail"]


class TestPayments:
    async def payment(self, shop: httpx.AsyncClient, who: str, status: str) -> dict[str, Any]:
        listed = (await get(shop, "/payments", who)).json()["payments"]
        payment_id = next(p["payment_id"] for p in listed if p["status"] == status)
        found: dict[str, Any] = (await get(shop, f"/payments/{payment_id}", who)).json()
        return found

    async def test_a_reservation_is_explained(self, shop: httpx.AsyncClient) -> None:
        found = await self.payment(shop, PRIYA, "authorised")
        assert found["next_step"] == "none"
        assert "only reserved" in found["explanation"]

    async def test_a_duplicate_that_should_be_back_needs_a_person(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        assert (await self.payment(shop, ELEANOR, "duplicate"))["next_step"] == "person"
        with psycopg.connect(shop_url) as connection:
            connection.execute("UPDATE shop.payments SET at = %s WHERE status = 'duplicate'", (NOW,))
        found = await self.payment(shop, ELEANOR, "duplicate")
        assert (found["next_step"], found["returned_by"]) == ("wait", "2026-11-25")

    async def test_after_a_failure_a_payment_link_is_sent(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        with psycopg.connect(shop_url) as connection:
            connection.execute("UPDATE shop.payments SET status = 'failed' WHERE order_id = 'RP-100301'")
        assert (await self.payment(shop, PRIYA, "failed"))["next_step"] == "pay_again"
        answer = (await post(shop, "/orders/RP-100301/payment-link", {}, PRIYA)).json()
        assert answer["valid_until"] == "2026-11-29"
        [mail] = mails(shop_url)
        assert mail["to"] == "priya.menon@example.net"

    async def test_what_is_paid_needs_no_link(self, shop: httpx.AsyncClient) -> None:
        answer = await post(shop, "/orders/RP-100301/payment-link", {}, PRIYA)
        assert answer.json()["type"] == "nothing-to-pay"

    async def test_one_with_an_address_sees_the_payments_of_the_named_order_only(
        self, shop: httpx.AsyncClient
    ) -> None:
        who = {"email": "maria.hartley@example.com", "order_id": "RP-100104"}
        listed = (await shop.get("/payments", params=who)).json()["payments"]
        assert {p["order_id"] for p in listed} == {"RP-100104"}
        mine = listed[0]["payment_id"]
        assert (await shop.get(f"/payments/{mine}", params=who)).status_code == 200
        others = (await get(shop, "/payments")).json()["payments"]
        other = next(p["payment_id"] for p in others if p["order_id"] != "RP-100104")
        assert (await shop.get(f"/payments/{other}", params=who)).json()["type"] == "unknown-payment"
        assert (await get(shop, f"/payments/{mine}", PRIYA)).json()["type"] == "not-your-order"
