"""The order API: who may see what."""

import httpx
import psycopg
import pytest

from demo.records import World
from demo.shop import create_app

from .conftest import SHOP_KEY, shop_settings

MARIA, DEREK = "C000001", "C000002"
MARIAS_EMAIL = "maria.hartley@example.com"


async def test_orders_come_newest_first(shop: httpx.AsyncClient) -> None:
    orders = (await shop.get("/orders", params={"customer_id": MARIA})).json()["orders"]
    assert [order["order_id"] for order in orders[:4]] == ["RP-100101", "RP-100102", "RP-100103", "RP-100104"]
    placed = [order["placed_at"] for order in orders]
    assert placed == sorted(placed, reverse=True)


async def test_an_order_says_what_can_be_done_with_it(shop: httpx.AsyncClient) -> None:
    orders = (await shop.get("/orders", params={"customer_id": MARIA})).json()["orders"]
    can = {order["order_id"]: (order["cancellable"], order["returnable"]) for order in orders[:4]}
    assert can == {
        "RP-100101": (True, False),
        "RP-100102": (True, False),
        "RP-100103": (False, False),
        "RP-100104": (False, True),
    }


async def test_an_order_has_the_promised_shape(shop: httpx.AsyncClient) -> None:
    order = (await shop.get("/orders/RP-100103", params={"customer_id": MARIA})).json()
    assert order["items"] == [
        {"sku": "HV-SS-02", "name": "Chattermoor Nook Max Smart Speaker", "quantity": 1, "price": 139.0},
        {"sku": "HV-SH-03", "name": "Hearthling Smart Plug Twin Pack", "quantity": 1, "price": 24.0},
    ]
    assert (order["total"], order["currency"], order["carrier"]) == (163.0, "GBP", "Parcelwright")
    assert (order["status"], order["payment_method"], order["delivered_at"]) == ("shipped", "card", None)
    assert order["tracking_code"] == "PW40817263GB"


async def test_a_customer_of_no_orders_has_an_empty_list(shop: httpx.AsyncClient) -> None:
    assert (await shop.get("/orders", params={"customer_id": "C999999"})).json() == {"orders": []}


@pytest.mark.parametrize("email", [MARIAS_EMAIL, f"  {MARIAS_EMAIL.upper()} "])
async def test_the_e_mail_address_opens_the_order(shop: httpx.AsyncClient, email: str) -> None:
    answer = await shop.get("/orders/RP-100101", params={"email": email})
    assert answer.json()["order_id"] == "RP-100101"


@pytest.mark.parametrize("who", [{"customer_id": DEREK}, {"email": "derek.oyelaran@example.org"}])
@pytest.mark.parametrize("path", ["/orders/RP-100101", "/refunds?order_id=RP-100101"])
async def test_somebody_elses_order_is_refused(
    shop: httpx.AsyncClient, who: dict[str, str], path: str
) -> None:
    answer = await shop.get(httpx.URL(path).copy_merge_params(who))
    assert (answer.status_code, answer.json()["type"]) == (403, "not-your-order")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "HV-" not in answer.text


async def test_an_unknown_order_is_not_found(shop: httpx.AsyncClient) -> None:
    answer = await shop.get("/orders/RP-999999", params={"customer_id": MARIA})
    assert (answer.status_code, answer.json()["type"]) == (404, "unknown-order")


@pytest.mark.parametrize("order_id", ["100101", "rp-100101", "RP100101", "RP-1001011", "RP-10010१"])
async def test_only_the_canonical_form_of_an_order_id_is_read(shop: httpx.AsyncClient, order_id: str) -> None:
    answer = await shop.get(f"/orders/{order_id}", params={"customer_id": MARIA})
    assert answer.status_code == 422


@pytest.mark.parametrize("who", [{}, {"customer_id": MARIA, "email": MARIAS_EMAIL}])
async def test_one_of_customer_and_e_mail_must_be_given(shop: httpx.AsyncClient, who: dict[str, str]) -> None:
    assert (await shop.get("/orders/RP-100101", params=who)).status_code == 422


async def test_an_e_mail_address_alone_lists_nothing(shop: httpx.AsyncClient) -> None:
    for path in ("/orders", "/payments", "/refunds"):
        assert (await shop.get(path, params={"email": MARIAS_EMAIL})).status_code == 422


async def test_refunds_of_a_customer_and_of_an_order(shop: httpx.AsyncClient) -> None:
    by_customer = (await shop.get("/refunds", params={"customer_id": "C000008"})).json()["refunds"]
    by_order = (
        await shop.get("/refunds", params={"order_id": "RP-100802", "email": "sunita.rao@example.org"})
    ).json()["refunds"]
    assert by_customer == by_order
    assert [(r["order_id"], r["amount"], r["status"], r["paid_at"]) for r in by_order] == [
        ("RP-100802", 149.0, "approved", None)
    ]


async def test_payments_show_a_double_charge(shop: httpx.AsyncClient) -> None:
    payments = (await shop.get("/payments", params={"customer_id": "C000005"})).json()["payments"]
    charges = [(p["status"], p["amount"]) for p in payments if p["order_id"] == "RP-100501"]
    assert charges == [("duplicate", 294.0), ("captured", 294.0)]


@pytest.mark.parametrize(
    ("query", "sku"),
    [
        ("kettle", "HV-KT-01"),
        ("ketle", "HV-KT-01"),
        ("my hoover", "HV-VC-01"),
        ("air frier", "HV-AF-01"),
        ("Thrumm Drift 5", "HV-HP-01"),
        ("router", "HV-NW-01"),
        ("HV-BD-03", "HV-BD-03"),
        ("thermostat", "HV-SH-01"),
    ],
)
async def test_products_are_found_as_customers_call_them(
    shop: httpx.AsyncClient, query: str, sku: str
) -> None:
    found = (await shop.get("/products", params={"query": query})).json()["products"]
    assert found[0]["sku"] == sku
    assert len(found) <= 5


async def test_what_the_shop_does_not_sell_is_not_found(shop: httpx.AsyncClient) -> None:
    assert (await shop.get("/products", params={"query": "wedding cake stand-in"})).json() == {"products": []}


async def test_a_product_comes_with_its_accessories(shop: httpx.AsyncClient) -> None:
    product = (await shop.get("/products/HV-AF-01")).json()
    assert product["attributes"]["wattage"] == 1700
    assert [accessory["sku"] for accessory in product["accessories"]] == ["HV-AF-04"]
    assert (await shop.get("/products/HV-ZZ-01")).json()["type"] == "unknown-product"


async def test_the_policy_is_told(shop: httpx.AsyncClient) -> None:
    assert (await shop.get("/policy")).json()["returns"]["window_days"] == 30


@pytest.mark.parametrize("path", ["/orders?customer_id=C000001", "/policy", "/products?query=tv"])
async def test_nothing_is_told_without_the_key(shop: httpx.AsyncClient, path: str) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer wrong"}):
        assert (await shop.get(path, headers=headers)).status_code == 401


async def test_health_needs_no_key(shop: httpx.AsyncClient) -> None:
    answer = await shop.get("/health", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "service": "shop"})


async def test_health_says_when_the_database_is_not_there() -> None:
    app = create_app(shop_settings("postgresql://nobody:x@127.0.0.1:1/none"))
    headers = {"Authorization": f"Bearer {SHOP_KEY}"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers) as client:
        answer = await client.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (503, "failing")
        asked = await client.get("/orders", params={"customer_id": MARIA})
        assert (asked.status_code, asked.json()["type"]) == (503, "database-unavailable")


async def test_the_database_holds_no_e_mail_address(shop_url: str, small_world: World) -> None:
    with psycopg.connect(shop_url) as connection:
        rows = connection.execute("SELECT * FROM shop.customers").fetchall()
    stored = repr(rows)
    assert len(rows) == len(small_world.customers)
    assert not any(customer.email in stored for customer in small_world.customers)
