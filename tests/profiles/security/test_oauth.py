"""Client credentials at /oauth/token, and what their tokens open."""

import subprocess
import sys

import httpx
import psycopg
import pytest

from profiles.keys import Role
from profiles.security import access as access_module
from profiles.security.clients import add_client, revoke_client
from profiles.store import Store
from tests.profiles.conftest import environment, key, record

GRANT = {"grant_type": "client_credentials"}


async def client(store: Store, role: Role, customer_id: str | None = None) -> tuple[str, str]:
    async with store.engine.begin() as connection:
        return f"a-{role}", await add_client(connection, f"a-{role}", role, customer_id)


async def token(api: httpx.AsyncClient, credentials: tuple[str, str], **more: str) -> dict[str, str]:
    answer = await api.post("/oauth/token", data={**GRANT, **more}, auth=credentials)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_id_and_secret_give_a_token(api: httpx.AsyncClient, store: Store) -> None:
    name, secret = await client(store, "service")
    in_header = await api.post("/oauth/token", data=GRANT, auth=(name, secret))
    in_form = await api.post("/oauth/token", data={**GRANT, "client_id": name, "client_secret": secret})
    for answer in (in_header, in_form):
        assert answer.status_code == 200
        assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 600)
        assert answer.headers["cache-control"] == "no-store"
    await store.write([record()])
    headers = {"Authorization": f"Bearer {in_form.json()['access_token']}"}
    assert (await api.get("/api/customer/C000001", headers=headers)).status_code == 200


async def test_who_is_not_known_and_whose_secret_is_wrong_hear_the_same(
    api: httpx.AsyncClient, store: Store
) -> None:
    name, secret = await client(store, "service")
    wrong = await api.post("/oauth/token", data=GRANT, auth=(name, "wrong"))
    unknown = await api.post("/oauth/token", data=GRANT, auth=("nobody", secret))
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert wrong.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("content", "authorization", "status", "error"),
    [
        (b"grant_type=password", None, 400, "unsupported_grant_type"),
        (b"", None, 400, "unsupported_grant_type"),
        (b"grant_type=client_credentials", None, 401, "invalid_client"),
        (b"grant_type=client_credentials", "Basic !!!", 401, "invalid_client"),
        (b"grant_type=client_credentials", "Basic /////w==", 400, "invalid_request"),
        (b"\xff\xfe", None, 400, "invalid_request"),
        (b"grant_type=client_credentials&grant_type=client_credentials", None, 400, "invalid_request"),
        (b"grant_type=client_credentials&client_id=%00&client_secret=x", None, 401, "invalid_client"),
        (b'grant_type=%C3%A9"\\', None, 400, "unsupported_grant_type"),
    ],
)
async def test_other_requests_are_refused(
    api: httpx.AsyncClient, content: bytes, authorization: str | None, status: int, error: str
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if authorization:
        headers["Authorization"] = authorization
    answer = await api.post("/oauth/token", content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_a_long_form_is_not_read_to_its_end(api: httpx.AsyncClient) -> None:
    assert (await api.post("/oauth/token", content=b"a" * 5_000)).status_code == 413


async def test_a_customers_token_opens_their_own_record_only(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record(), record("C000002")])
    own = await token(api, await client(store, "customer", "C000001"))
    asked = {
        path: (await api.get(path, headers=own)).status_code
        for path in (
            "/api/customer/C000001",
            "/api/customer/C000002",
            "/api/customer/C999999",
            "/api/customer/C000001/details",
        )
    }
    assert list(asked.values()) == [200, 403, 403, 403]
    found = await api.post("/api/lookup", json={"email": "Maria.Okafor@example.org"}, headers=own)
    assert found.status_code == 403


async def test_a_service_gets_tokens_for_one_customer(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record(), record("C000002")])
    web = await client(store, "service")
    own = await token(api, web, scope="customer:C000002")
    assert (await api.get("/api/customer/C000002", headers=own)).status_code == 200
    assert (await api.get("/api/customer/C000001", headers=own)).status_code == 403


async def test_a_customer_does_not_use_up_what_the_service_may_ask(
    api: httpx.AsyncClient, store: Store
) -> None:
    await store.write([record(), record("C000002")])
    web = await client(store, "service")
    one, other = [await token(api, web, scope=f"customer:{named}") for named in ("C000001", "C000002")]
    asked = [await api.get("/api/customer/C000001", headers=one) for _ in range(40)]
    assert asked[-1].status_code == 429
    assert (await api.get("/api/customer/C000002", headers=other)).status_code == 200
    assert (await api.get("/api/customer/C000001", headers=await token(api, web))).status_code == 200


async def test_unknown_clients_are_counted_as_known_ones_are(api: httpx.AsyncClient, store: Store) -> None:
    name, _ = await client(store, "service")
    for asking in (name, "nobody"):
        answers = [await api.post("/oauth/token", data=GRANT, auth=(asking, "guess")) for _ in range(25)]
        assert answers[0].headers["ratelimit"].startswith('"caller";r=19;')
        assert (answers[0].status_code, answers[-1].status_code) == (401, 429)


@pytest.mark.parametrize("what", ["exports", "erasures"])
async def test_a_service_asks_for_no_ones_rights(api: httpx.AsyncClient, store: Store, what: str) -> None:
    await store.write([record()])
    named = await token(api, await client(store, "service"), scope="customer:C000001")
    own = await token(api, await client(store, "customer", "C000001"))
    asked = [await api.post(f"/api/customer/C000001/{what}", headers=who) for who in (named, own)]
    assert [answer.status_code for answer in asked] == [403, 202]


@pytest.mark.parametrize("name", ["Rapport-Actor", "Rapport-Reason"])
@pytest.mark.parametrize("blank", [b"\xa0", b" \xa0 "])
async def test_a_name_of_blanks_is_no_name(
    api: httpx.AsyncClient, store: Store, name: str, blank: bytes
) -> None:
    await store.write([record()])
    said: dict[str, str | bytes] = {"Rapport-Actor": "dana", "Rapport-Reason": "called", name: blank}
    headers = httpx.Headers(
        [(k.encode(), v if isinstance(v, bytes) else v.encode()) for k, v in said.items()]
    )
    headers.update(key("agent"))
    refused = await api.get("/api/customer/C000001/details", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (422, "who-and-why")


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        ("agent", "customer:C000001"),
        ("admin", "customer:C000001"),
        ("service", "admin"),
        ("service", "customer:C1 admin"),
    ],
)
async def test_other_scopes_are_refused(api: httpx.AsyncClient, store: Store, role: Role, scope: str) -> None:
    answer = await api.post("/oauth/token", data={**GRANT, "scope": scope}, auth=await client(store, role))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_a_revoked_client_gets_no_token_and_its_tokens_open_nothing(
    api: httpx.AsyncClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_module, "KNOWN_SECONDS", 0.0)
    await store.write([record()])
    credentials = await client(store, "service")
    headers = await token(api, credentials)
    assert (await api.get("/api/customer/C000001", headers=headers)).status_code == 200
    async with store.engine.begin() as connection:
        assert await revoke_client(connection, credentials[0])
    assert (await api.get("/api/customer/C000001", headers=headers)).status_code == 401
    assert (await api.post("/oauth/token", data=GRANT, auth=credentials)).status_code == 401


async def test_people_with_tokens_say_who_and_why_too(
    api: httpx.AsyncClient, store: Store, customers_url: str
) -> None:
    await store.write([record()])
    headers = await token(api, await client(store, "admin"))
    refused = await api.get("/api/customer/C000001/details", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (422, "who-and-why")
    said = {**headers, "Rapport-Actor": "dana", "Rapport-Reason": "asked by the customer"}
    assert (await api.get("/api/customer/C000001/details", headers=said)).status_code == 200
    with psycopg.connect(customers_url) as connection:
        last = connection.execute(
            "SELECT who, what, why FROM profiles.audit ORDER BY sequence DESC"
        ).fetchone()
    assert last == ("a-admin/dana", "details", "asked by the customer")


def test_the_command_shows_a_secret_once_and_keeps_a_hash(customers_url: str, redis_url: str) -> None:
    def clients(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "profiles", "clients", *arguments],
            env=environment(customers_url, redis_url),
            capture_output=True,
            text=True,
            check=False,
        )

    added = clients("add", "till-1", "--role", "collect")
    secret = added.stdout.strip()
    assert len(secret) > 40
    assert "ids are not used twice" in clients("add", "till-1", "--role", "read").stderr
    assert clients("revoke", "till-1").stdout.strip() == "till-1 is revoked"
    listed = clients("list")
    assert listed.stdout.startswith("till-1: collect, added ")
    assert "revoked" in listed.stdout
    assert secret not in listed.stdout + added.stderr
    with psycopg.connect(customers_url) as connection:
        kept = connection.execute("SELECT c::text FROM profiles.clients AS c").fetchone()
        noted = connection.execute("SELECT why FROM profiles.audit WHERE what = 'clients'").fetchall()
    assert kept is not None
    assert secret not in kept[0]
    assert [why for (why,) in noted] == ["added till-1 as collect", "revoked till-1"]
