"""The customer beside the conversation: each look is accounted for, each part may be missing on its own."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from tests.web.conftest import Settings, Web, started
from tests.web.desk import Desk, seated
from tests.web.servers import FakeProfiles, free_port, served
from tests.web.talk import Talk, begin
from web.agents import customer

SHOP_KEY = "shop-key"
_ORDER = {"order_id": "RP-100104", "status": "delivered", "total": 129.0}
_LOYAL = {
    "first_name": "Maria",
    "segment": "loyal_high_value",
    "segments": ["loyal_high_value"],
    "tier": "gold",
    "orders_90d": 6,
    "spend_total": 3120.5,
    "days_since_order": 4,
    "discount_share": 0.1,
    "preferred_channel": "chat",
}
_DETAILS = {
    "first_name": "Maria",
    "last_name": "Hartley",
    "email": "maria.hartley@example.com",
    "phone": "+447700900001",
    "interactions": [
        {
            "interaction_id": "i1",
            "occurred_at": "2026-10-12T09:00:00Z",
            "channel": "phone",
            "issue": "technical",
            "outcome": "resolved",
            "conversation_id": None,
            "summary": {"subject": "Grinder jammed"},
        }
    ],
}


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers is not late, however busy the machine is."""
    monkeypatch.setattr(customer, "PATIENCE", 60.0)


@pytest_asyncio.fixture(loop_scope="session")
async def shop_url() -> AsyncIterator[str]:
    app = FastAPI()

    @app.get("/orders")
    async def orders(request: Request, customer_id: str) -> Response:
        if request.headers.get("authorization") != f"Bearer {SHOP_KEY}":
            return Response(status_code=401)
        return JSONResponse({"orders": [{**_ORDER, "customer_id": customer_id}]})

    async with served(app) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def web(settings: Settings, shop_url: str, profiles: FakeProfiles) -> AsyncIterator[Web]:
    profiles.attributes = {"service": {"first_name": "Maria", "tickets_open": 0}, "personalisation": _LOYAL}
    profiles.details = _DETAILS
    async with started(settings(shop_url=shop_url, shop_key=SHOP_KEY)) as running:
        yield running


async def _look(desk: Desk, talk: Talk, **params: str) -> dict[str, Any]:
    answer = await desk.ask("GET", f"conversations/{talk.conversation_id}/customer", params=params)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_all_that_helps_is_there_at_once(web: Web) -> None:
    sam = await seated(web, "sam")
    panel = await _look(sam, await begin(web.http, "C000001"))
    assert (panel["name"], panel["email"], panel["phone"]) == (
        "Maria Hartley",
        "maria.hartley@example.com",
        "+447700900001",
    )
    assert (panel["segment"], panel["tier"], panel["unavailable"]) == ("loyal_high_value", "gold", [])
    assert panel["orders"] == [{**_ORDER, "customer_id": "C000001"}]
    assert panel["past_issues"] == [
        {
            "at": "2026-10-12T09:00:00Z",
            "channel": "phone",
            "issue": "technical",
            "outcome": "resolved",
            "subject": "Grinder jammed",
            "conversation_id": None,
        }
    ]
    assert panel["consent"]["personalisation"] is True
    assert {"name": "spend_total", "label": "Spent in all", "value": "£3,120.50"} in panel["attributes"]


async def test_the_segment_is_explained_with_the_customers_own_numbers(web: Web) -> None:
    sam = await seated(web, "sam")
    why = (await _look(sam, await begin(web.http, "C000001")))["segment_why"]
    assert why[0] == "Orders often and lately, for full price, and has spent a lot."
    assert why[1:] == [
        "Orders in 90 days is at least 2 (now 6).",
        "Spent in all is at least 1500 (now £3,120.50).",
        "Days since the last order is at most 60 (now 4).",
        "Share of orders with a promo code is below 0.4 (now 10%).",
    ]


async def test_without_consent_to_personalise_only_what_service_needs_is_shown(
    web: Web, profiles: FakeProfiles
) -> None:
    profiles.consent["personalisation"] = False
    sam = await seated(web, "sam")
    panel = await _look(sam, await begin(web.http, "C000001"))
    assert (panel["segment"], panel["segment_why"], panel["tier"]) == (None, [], None)
    assert panel["attributes"] == [{"name": "tickets_open", "label": "Contacts not settled", "value": "0"}]
    assert (panel["name"], panel["consent"]["personalisation"]) == ("Maria Hartley", False)


async def test_the_profile_service_hears_who_looks_and_why(web: Web, profiles: FakeProfiles) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http, "C000001")
    await _look(sam, talk)
    usual = f"conversation {talk.conversation_id}"
    assert {(who, why) for _, who, why in profiles.looks} == {(sam.staff_id, usual)}
    assert {what for what, _, _ in profiles.looks} == {"details", "personalisation"}
    await _look(sam, talk, reason="calls back – about a résumé")
    assert profiles.looks[-1][2] == "calls back ? about a r?sum?", "a header holds ASCII only"


async def test_nobody_knows_an_anonymous_visitor(web: Web, profiles: FakeProfiles) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    refused = await sam.ask("GET", f"conversations/{talk.conversation_id}/customer")
    assert (refused.status_code, refused.json()["type"]) == (404, "anonymous")
    assert profiles.looks == []


@pytest.mark.parametrize(
    ("away", "missing"),
    [
        ("shop_url", ["orders"]),
        ("profiles_url", ["details", "profile"]),
        ("profiles_agent_key", ["details", "profile"]),
    ],
)
async def test_what_is_away_is_named_and_the_rest_is_there(
    settings: Settings, shop_url: str, profiles: FakeProfiles, away: str, missing: list[str]
) -> None:
    profiles.details = _DETAILS
    values: dict[str, Any] = {"shop_url": shop_url, "shop_key": SHOP_KEY}
    values[away] = None if away == "profiles_agent_key" else f"http://127.0.0.1:{free_port()}"
    async with started(settings(**values)) as web:
        sam = await seated(web, "sam")
        panel = await _look(sam, await begin(web.http, "C000001"))
    assert panel["unavailable"] == missing
    assert panel["email" if missing == ["orders"] else "orders"]
    names = {"orders": ["orders"], "details": ["name", "past_issues"], "profile": ["attributes", "consent"]}
    for part in missing:
        assert [panel[name] for name in names[part]] == [None] * len(names[part])


async def test_a_slow_shop_is_not_waited_for(
    settings: Settings, profiles: FakeProfiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer, "PATIENCE", 0.3)
    app, released = FastAPI(), asyncio.Event()

    @app.get("/orders")
    async def orders() -> dict[str, Any]:
        await released.wait()
        return {"orders": []}

    async with served(app) as slow, started(settings(shop_url=slow, shop_key=SHOP_KEY)) as web:
        sam = await seated(web, "sam")
        talk = await begin(web.http, "C000001")
        # It answers although the shop never does before; on a busy machine others may be late as well.
        assert "orders" in (await _look(sam, talk))["unavailable"]
        released.set()
