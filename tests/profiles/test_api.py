"""The HTTP contract of the profile service."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psycopg
import pytest

from ops.ports import LOOPBACK, free_port
from profiles import database
from profiles.api import create_app
from profiles.cache import ViewCache
from profiles.crypto import Vault
from profiles.events.stream import RedisEventStream
from profiles.redis_connection import connect
from profiles.segments import load
from profiles.settings import SEGMENTS_FILE
from profiles.store import Store
from tests.profiles.conftest import DATA_KEY, days_ago, key, record, tokens_of

PERSONAL = {"purpose": "personalisation"}


def interaction(**changes: Any) -> dict[str, Any]:
    return {
        "interaction_id": "conversation-1",
        "customer_id": "C000001",
        "channel": "chat",
        "occurred_at": days_ago(0).isoformat(),
        "issue": "refund",
        "outcome": "handed_off",
        "conversation_id": "conversation-1",
        "summary": {"turns": 4},
        **changes,
    }


async def test_a_view_shows_what_is_known_now(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record()])
    response = await api.get("/api/customer/C000001", params=PERSONAL, headers=key("read"))
    assert response.status_code == 200
    assert response.json() == {
        "customer_id": "C000001",
        "version": 1,
        "purpose": "personalisation",
        "consent": {
            "service": True,
            "personalisation": True,
            "analytics": True,
            "training": False,
            "marketing": False,
        },
        "attributes": {
            "first_name": "Maria",
            "segment": "loyal_high_value",
            "segments": ["loyal_high_value"],
            "tier": "gold",
            "orders_total": 31,
            "orders_90d": 6,
            "spend_total": 3120.5,
            "days_since_order": 4,
            "days_since_login": 1,
            "logins_30d": 12,
            "product_views_7d": 9,
            "engagement": 82.0,
            "discount_share": 0.1,
            "tickets_90d": 1,
            "tickets_open": 0,
            "tickets_total": 1,
            "resolution_rate": 0.0,
            "usual_channel": "chat",
            "contact_diversity": 0.0,
            "last_issue": "billing",
            "last_issue_outcome": "open",
            "days_since_issue": 6,
            "days_since_signup": 900,
            "preferred_channel": "chat",
        },
    }


async def test_service_sees_only_what_service_needs(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record()])
    view = (await api.get("/api/customer/C000001", headers=key("read"))).json()
    assert view["purpose"] == "service"
    assert view["attributes"] == {"first_name": "Maria", "preferred_channel": "chat", "tickets_open": 0}


async def test_without_consent_no_attribute_is_shown(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record()])
    view = (
        await api.get("/api/customer/C000001", params={"purpose": "marketing"}, headers=key("read"))
    ).json()
    assert view["attributes"] == {}


async def test_an_unchanged_view_is_not_sent_again(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record()])
    first = await api.get("/api/customer/C000001", params=PERSONAL, headers=key("read"))
    headers = {**key("read"), "If-None-Match": first.headers["etag"]}
    again = await api.get("/api/customer/C000001", params=PERSONAL, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    await api.post("/api/interactions", json=interaction(), headers=key("write"))
    changed = await api.get("/api/customer/C000001", params=PERSONAL, headers=headers)
    assert changed.status_code == 200
    assert changed.json()["version"] > first.json()["version"]


async def test_an_interaction_changes_attributes_at_once(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record()])
    posted = await api.post("/api/interactions", json=interaction(), headers=key("write"))
    assert posted.status_code == 202
    attributes = (await api.get("/api/customer/C000001", params=PERSONAL, headers=key("read"))).json()[
        "attributes"
    ]
    assert (attributes["last_issue"], attributes["last_issue_outcome"]) == ("refund", "handed_off")
    assert (attributes["days_since_issue"], attributes["tickets_90d"], attributes["tickets_open"]) == (
        0,
        2,
        1,
    )


async def test_the_same_interaction_again_replaces_the_first(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record()])
    for outcome in ("open", "resolved"):
        await api.post("/api/interactions", json=interaction(outcome=outcome), headers=key("write"))
    attributes = (await api.get("/api/customer/C000001", params=PERSONAL, headers=key("read"))).json()[
        "attributes"
    ]
    assert (attributes["last_issue_outcome"], attributes["tickets_90d"], attributes["tickets_open"]) == (
        "resolved",
        2,
        0,
    )


async def test_a_greeting_does_not_hide_the_last_issue(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record()])
    await api.post("/api/interactions", json=interaction(issue="general"), headers=key("write"))
    attributes = (await api.get("/api/customer/C000001", params=PERSONAL, headers=key("read"))).json()[
        "attributes"
    ]
    assert attributes["last_issue"] == "billing"


async def test_an_interaction_of_somebody_else_is_not_replaced(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record(), record("C000002")])
    await api.post("/api/interactions", json=interaction(), headers=key("write"))
    theft = await api.post("/api/interactions", json=interaction(customer_id="C000002"), headers=key("write"))
    assert (theft.status_code, theft.json()["type"]) == (409, "interaction-taken")


async def test_consent_can_be_withdrawn_and_given(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record()])
    statement = {"purpose": "personalisation", "granted": False, "source": "chat", "version": "2026-01"}
    answer = await api.put(
        "/api/customer/C000001/consent",
        json={**statement, "at": days_ago(0).isoformat()},
        headers=key("write"),
    )
    assert answer.json()["consent"]["personalisation"] is False
    view = (await api.get("/api/customer/C000001", params=PERSONAL, headers=key("read"))).json()
    assert view["consent"]["personalisation"] is False
    assert view["attributes"] == {}


async def test_an_expired_consent_counts_no_more(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record()])
    statement = {
        "purpose": "personalisation",
        "granted": True,
        "source": "chat",
        "version": "2026-01",
        "at": days_ago(2).isoformat(),
        "expires_at": days_ago(1).isoformat(),
    }
    await api.put("/api/customer/C000001/consent", json=statement, headers=key("write"))
    view = (await api.get("/api/customer/C000001", params=PERSONAL, headers=key("read"))).json()
    assert (view["consent"]["personalisation"], view["attributes"]) == (False, {})


async def test_a_customer_can_be_put_and_found_by_address_or_number(api: httpx.AsyncClient) -> None:
    body = record().model_dump(mode="json")
    assert (await api.put("/api/customer/C000001", json=body, headers=key("write"))).status_code == 200
    for asked in ({"email": " maria.okafor@EXAMPLE.org"}, {"phone": "07700 900 123"}):
        found = await api.post("/api/lookup", json=asked, headers=key("read"))
        assert found.json() == {"customer_ids": ["C000001"]}
    nobody = await api.post("/api/lookup", json={"email": "maria@example.org"}, headers=key("read"))
    assert nobody.json() == {"customer_ids": []}


async def test_a_persons_read_is_audited_under_a_pseudonym(
    api: httpx.AsyncClient, store: Store, customers_url: str
) -> None:
    await store.write([record()])
    refused = await api.get("/api/customer/C000001/details", headers=key("agent"))
    assert (refused.status_code, refused.json()["type"]) == (422, "who-and-why")
    person = {**key("agent"), "Rapport-Actor": "agent-7", "Rapport-Reason": "calls back about a refund"}
    details = (await api.get("/api/customer/C000001/details", headers=person)).json()
    assert (details["email"], details["address"]["city"]) == ("Maria.Okafor@example.org", "Leeds")
    await api.get("/api/customer/C000001", headers=key("read"))
    with psycopg.connect(customers_url) as connection:
        entries = connection.execute(
            "SELECT who, what, why, customer_pseudonym FROM profiles.audit"
        ).fetchall()
    read = [entry[:3] for entry in entries if not entry[1].startswith("changed")]
    assert read == [("agenter/agent-7", "details", "calls back about a refund")]
    assert "C000001" not in entries[0][3]


async def test_people_see_the_newest_contacts_first(
    api: httpx.AsyncClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("profiles.people.CONTACTS", 2)
    await store.write([record(interactions=[])])
    for day in (3, 1, 2):
        contact = interaction(interaction_id=f"i{day}", occurred_at=f"2026-11-0{day}T10:00:00Z")
        await api.post("/api/interactions", json=contact, headers=key("write"))
    person = {**key("agent"), "Rapport-Actor": "agent-7", "Rapport-Reason": "calls back"}
    contacts = (await api.get("/api/customer/C000001/details", headers=person)).json()["interactions"]
    assert [contact["interaction_id"] for contact in contacts] == ["i3", "i2"]
    assert {"occurred_at", "channel", "issue", "outcome", "summary", "conversation_id"} <= set(contacts[0])


@pytest.mark.parametrize("service", ["read", "write"])
async def test_services_do_not_see_sensitive_fields(
    api: httpx.AsyncClient, store: Store, service: str
) -> None:
    await store.write([record()])
    response = await api.get("/api/customer/C000001/details", headers=key(service))
    assert response.status_code == 403


async def test_sensitive_fields_do_not_rest_in_plain_text(store: Store, customers_url: str) -> None:
    await store.write([record()])
    with psycopg.connect(customers_url) as connection:
        row = connection.execute("SELECT c::text, email FROM profiles.customers AS c").fetchone()
    assert row is not None
    for secret in ("Okafor", "900123", "Kiln", "1984-03-09"):
        assert secret not in row[0]
        assert secret.encode() not in row[1]


@pytest.mark.parametrize(
    ("request_line", "role", "status", "kind"),
    [
        ("GET /api/customer/C999999", "read", 404, "unknown-customer"),
        ("GET /api/customer/C000001", None, 401, "no-key"),
        ("GET /api/customer/C000001", "wrong", 401, "wrong-key"),
        ("GET /api/customer/C000001?purpose=curiosity", "read", 422, "invalid-request"),
        ("GET /api/customer/no%20id", "read", 422, "invalid-request"),
        ("POST /api/interactions", "read", 403, "not-allowed"),
        ("POST /api/interactions", "agent", 403, "not-allowed"),
        ("PUT /api/customer/C000001/consent", "read", 403, "not-allowed"),
        ("PUT /api/customer/C000001", "read", 403, "not-allowed"),
    ],
)
async def test_refusals_are_problem_documents(
    api: httpx.AsyncClient, request_line: str, role: str | None, status: int, kind: str
) -> None:
    method, path = request_line.split(" ")
    headers = {} if role is None else {"Authorization": "Bearer no"} if role == "wrong" else key(role)
    body = None if method == "GET" else interaction()
    response = await api.request(method, path, headers=headers, json=body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == kind


async def test_an_unusable_interaction_is_refused_with_its_place(
    api: httpx.AsyncClient, store: Store
) -> None:
    await store.write([record()])
    for changes, pointer in (
        ({"issue": "weather"}, "/body/issue"),
        ({"occurred_at": "2026-11-02T10:00"}, "/body/occurred_at"),
    ):
        response = await api.post("/api/interactions", json=interaction(**changes), headers=key("write"))
        assert response.status_code == 422
        assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("summary", r'{"said": "\u0000"}'),
        ("summary", r'{"\u0000": 1}'),
        ("summary", r'{"said": ["\ud800"]}'),
        ("summary", '{"said": NaN}'),
        ("summary", '{"a":' * 500 + "1" + "}" * 500),
        ("channel", r'"chat\u0000"'),
        ("channel", r'"\ud800"'),
        ("occurred_at", '"0001-01-01T00:00:00+14:00"'),
        ("occurred_at", '"9999-12-31T23:59:59-14:00"'),
    ],
)
async def test_what_no_database_keeps_is_refused(
    api: httpx.AsyncClient, store: Store, field: str, value: str
) -> None:
    await store.write([record()])
    body = json.dumps(interaction(**{field: "HERE"})).replace('"HERE"', value)
    headers = {**key("write"), "Content-Type": "application/json"}
    response = await api.post("/api/interactions", content=body, headers=headers)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == f"/body/{field}"


async def test_a_backslash_before_a_word_is_no_nul(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record()])
    said = interaction(summary={"said": r"\u0000 and \\u0000"})
    assert (await api.post("/api/interactions", json=said, headers=key("write"))).status_code == 202


@pytest.mark.parametrize("changes", [{"first_name": "A\0"}, {"signed_up_at": "0001-01-01T00:00:00+14:00"}])
async def test_a_record_that_no_database_keeps_is_refused(
    api: httpx.AsyncClient, changes: dict[str, str]
) -> None:
    content = {**record().model_dump(mode="json"), **changes}
    assert (await api.put("/api/customer/C000001", json=content, headers=key("write"))).status_code == 422


@pytest.mark.parametrize(
    "moments", [{"at": "0001-01-01T00:00:00+14:00"}, {"expires_at": "9999-12-31T23:59:59-14:00"}]
)
async def test_a_consent_of_an_impossible_moment_is_refused(
    api: httpx.AsyncClient, store: Store, moments: dict[str, str]
) -> None:
    await store.write([record()])
    said = {"purpose": "marketing", "granted": False, "source": "form", "version": "1"}
    said |= {"at": "2026-11-01T10:00:00Z", **moments}
    response = await api.put("/api/customer/C000001/consent", json=said, headers=key("write"))
    assert response.status_code == 422


@pytest.mark.parametrize(
    "request_line",
    [
        "POST /api/lookup",
        "POST /api/interactions",
        "POST /api/customers/views",
        "PUT /api/customer/C1",
        "PUT /api/customer/C1/consent",
    ],
)
async def test_a_body_without_end_is_not_read_for_anybody(api: httpx.AsyncClient, request_line: str) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(64):
            read += 1
            yield b" " * 256 * 1024

    method, path = request_line.split()
    headers = {"Content-Type": "application/json", **key("write")}
    refused = await api.request(method, path, content=endless(), headers=headers)
    assert (refused.status_code, refused.headers["content-type"]) == (413, "application/problem+json")
    assert read == 5
    declared = await api.request(method, path, content=b" " * 1_100_000, headers=headers)
    assert (declared.status_code, declared.json()["type"]) == (413, "body-too-long")


async def test_health_needs_no_key(api: httpx.AsyncClient) -> None:
    assert (await api.get("/health")).json() == {"status": "ready", "service": "profiles", "cache": "up"}


async def test_without_its_database_the_service_says_so(redis_url: str) -> None:
    cache = ViewCache(connect(redis_url))
    lost = Store(
        database.connect(f"postgresql://nobody:none@{LOOPBACK}:{free_port()}/none", 5),
        cache,
        Vault(DATA_KEY),
        load(SEGMENTS_FILE),
    )
    transport = httpx.ASGITransport(
        create_app(
            lost,
            cache,
            Vault(DATA_KEY),
            RedisEventStream(redis_url, Vault(DATA_KEY)),
            tokens_of("postgresql://"),
        )
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://profiles") as client:
        view = await client.get("/api/customer/C000001", headers=key("read"))
        health = await client.get("/health")
    assert (view.status_code, view.json()["type"]) == (503, "database-unavailable")
    assert (health.status_code, health.json()["status"]) == (503, "failing")
    await cache.close()
