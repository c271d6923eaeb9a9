"""Who the preferences are of is said by the session's token and by nothing else."""

from typing import Any

import pytest

from profiles.store import Store
from tests.profiles.conftest import record
from tests.web.conftest import Web


async def headers_of(web: Web, customer_id: str | None) -> dict[str, str]:
    body = {"customer_id": customer_id} if customer_id else {}
    token = (await web.http.post("/api/conversations", json=body)).json()["token"]
    return {"Authorization": f"Bearer {token}"}


async def test_without_a_session_nothing_is_shown_or_kept(web: Web) -> None:
    said = [
        await web.http.get("/api/preferences"),
        await web.http.put("/api/preferences/consents/marketing", json={"granted": True}),
        await web.http.put("/api/preferences/stated/language", json={"value": "en"}),
        await web.http.post("/api/preferences/surveys/home", json={"answers": {"home_type": "flat"}}),
    ]
    assert [response.status_code for response in said] == [401] * 4


async def test_a_visitor_whom_nobody_knows_has_nothing_to_change(web: Web) -> None:
    headers = await headers_of(web, None)
    assert (await web.http.get("/api/preferences", headers=headers)).json() == {"customer": None}
    put = await web.http.put("/api/preferences/stated/language", headers=headers, json={"value": "en"})
    assert put.status_code == 403


async def test_the_body_has_no_say_in_whose_they_are(web: Web, store: Store) -> None:
    await store.write([record("C000002", email="other@example.org")])
    headers = await headers_of(web, "C000001")
    claim = {"granted": True, "customer_id": "C000002"}
    put = await web.http.put("/api/preferences/consents/marketing", headers=headers, json=claim)
    assert put.status_code == 422
    await web.http.put("/api/preferences/consents/marketing", headers=headers, json={"granted": True})
    assert (await store.view("C000001", "service")).consent["marketing"] is True
    assert (await store.view("C000002", "service")).consent["marketing"] is False


async def test_the_page_tells_no_customer_number(web: Web) -> None:
    response = await web.http.get("/api/preferences", headers=await headers_of(web, "C000001"))
    assert "C000001" not in response.text
    assert {consent["purpose"] for consent in response.json()["customer"]["consents"]} >= {"marketing"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("stated/preferred_channel", {"value": "pigeon"}, 422),
        ("stated/tier", {"value": "gold"}, 404),
        ("stated/..%2Fconsents", {"value": "gold"}, 404),
        ("consents/telepathy", {"granted": True}, 422),
    ],
)
async def test_what_is_not_offered_is_refused_in_words(
    web: Web, path: str, body: dict[str, Any], status: int
) -> None:
    headers = await headers_of(web, "C000001")
    response = await web.http.put(f"/api/preferences/{path}", headers=headers, json=body)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
