"""Customers at a glance, their contacts page by page, and many at once."""

import base64
from typing import Any

import httpx
import pytest

from profiles.store import Store
from tests.profiles.conftest import days_ago, key, record

WHO = {**key("agent"), "Rapport-Actor": "sam", "Rapport-Reason": "open conversation"}


async def open_a_case(api: httpx.AsyncClient) -> None:
    """A contact after what the shop handed over."""
    case = contact(1, 0, issue="refund", outcome="open", summary={"subject": "no refund yet"})
    answer = await api.post(
        "/api/interactions",
        json={**case, "customer_id": "C000001", "occurred_at": str(days_ago(0))},
        headers=key("write"),
    )
    assert answer.status_code == 202


def contact(number: int, days: float, **changes: Any) -> dict[str, Any]:
    return {
        "interaction_id": f"contact-{number}",
        "channel": "chat",
        "occurred_at": days_ago(days),
        "issue": "order",
        "outcome": "resolved",
        **changes,
    }


async def test_an_agent_sees_at_a_glance_who_it_is_and_what_they_need(
    store: Store, api: httpx.AsyncClient
) -> None:
    await store.write([record()])
    await open_a_case(api)
    glance = (await api.get("/api/customer/C000001/at-a-glance", headers=WHO)).json()
    assert glance["first_name"] == "Maria"
    assert glance["tier"] == "gold"
    assert glance["segment"] == "loyal_high_value"
    assert glance["preferred_channel"] == "chat"
    assert [(issue["issue"], issue["subject"]) for issue in glance["recent_issues"]] == [
        ("refund", "no refund yet"),
        ("billing", "charged twice"),
    ]
    assert [need["need"] for need in glance["needs"]] == [
        "answer_open_case",
        "refund_progress",
        "order_progress",
    ]
    assert glance["needs"][0]["why"] == "customer's tickets open is above 0"


async def test_without_consent_nothing_personal_is_shown_at_a_glance(
    store: Store, api: httpx.AsyncClient
) -> None:
    refused = {
        "purpose": "personalisation",
        "granted": False,
        "source": "form",
        "version": "1",
        "at": days_ago(1),
    }
    await store.write([record(consents=[refused])])
    await open_a_case(api)
    glance = (await api.get("/api/customer/C000001/at-a-glance", headers=WHO)).json()
    assert glance["personalised"] is False
    assert [glance[name] for name in ("tier", "segment", "engagement", "days_since_order")] == [None] * 4
    assert [need["need"] for need in glance["needs"]] == ["answer_open_case"]


async def test_a_glance_needs_a_name_and_a_reason_and_a_person(store: Store, api: httpx.AsyncClient) -> None:
    await store.write([record()])
    path = "/api/customer/C000001/at-a-glance"
    assert (await api.get(path, headers=key("agent"))).status_code == 422
    assert (await api.get(path, headers=key("read"))).status_code == 403
    tag = (await api.get(path, headers=WHO)).headers["etag"]
    assert (await api.get(path, headers={**WHO, "If-None-Match": tag})).status_code == 304


async def test_contacts_come_page_by_page_newest_first_none_twice(
    store: Store, api: httpx.AsyncClient
) -> None:
    moment = days_ago(3)
    contacts = [contact(number, 0, occurred_at=moment) for number in range(5)] + [
        contact(9, 1),
        contact(8, 9),
    ]
    await store.write([record(interactions=contacts)])
    found: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        page = await api.get(
            "/api/customer/C000001/interactions",
            params={"limit": 2, **({"cursor": cursor} if cursor else {})},
            headers=key("read"),
        )
        found += [one["interaction_id"] for one in page.json()["contacts"]]
        cursor = page.json()["next"]
    assert cursor is None
    assert found == ["contact-9", *(f"contact-{number}" for number in (4, 3, 2, 1, 0)), "contact-8"]


HALF = base64.urlsafe_b64encode(rb'["2026-01-01T00:00:00+00:00", "\ud800"]').decode()


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "WzEsMl0", "eyJhIjogMX0", "é", HALF])
async def test_an_invented_cursor_is_refused(store: Store, api: httpx.AsyncClient, cursor: str) -> None:
    await store.write([record()])
    answer = await api.get(
        "/api/customer/C000001/interactions", params={"cursor": cursor}, headers=key("read")
    )
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("bad-cursor")


async def test_many_views_are_those_of_one_by_one(store: Store, api: httpx.AsyncClient) -> None:
    await store.write([record("C1"), record("C2", tier="silver", interactions=[])])
    asked = {"customer_ids": ["C2", "nobody", "C1", "C2"], "purpose": "personalisation"}
    many = (await api.post("/api/customers/views", json=asked, headers=key("read"))).json()
    singles = [
        (await api.get(f"/api/customer/{one}?purpose=personalisation", headers=key("read"))).json()
        for one in ("C2", "C1")
    ]
    assert many == {"views": singles, "unknown": ["nobody"]}


async def test_too_many_at_once_are_refused(api: httpx.AsyncClient) -> None:
    asked = {"customer_ids": [f"C{number}" for number in range(101)]}
    answer = await api.post("/api/customers/views", json=asked, headers=key("read"))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
