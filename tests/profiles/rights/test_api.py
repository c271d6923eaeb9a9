"""Requests over the API: a customer for the own record, an admin for anybody's."""

from typing import Any

import httpx
import psycopg
import pytest

from profiles.rights.daily import run_jobs
from profiles.rights.places import Surroundings
from profiles.security.clients import add_client
from profiles.store import Store
from tests.profiles.conftest import record
from tests.profiles.rights.conftest import BORIS, WILHELMINA, fill, found

WHY = {"Rapport-Actor": "anna", "Rapport-Reason": "letter of 20 November"}


async def token(
    api: httpx.AsyncClient, store: Store, role: Any, customer_id: str | None = None
) -> dict[str, str]:
    """Headers of a new client."""
    async with store.engine.begin() as connection:
        secret = await add_client(connection, f"{role}-client", role, customer_id)
    given = {"grant_type": "client_credentials"}
    answer = await api.post("/oauth/token", data=given, auth=(f"{role}-client", secret))
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
async def wilhelmina(store: Store, around: Surroundings, customers_url: str) -> str:
    await fill(WILHELMINA, store, around, customers_url)
    return f"/api/customer/{WILHELMINA.customer_id}"


async def test_a_customer_asks_for_the_own_data_and_fetches_it_when_the_worker_is_done(
    api: httpx.AsyncClient, store: Store, around: Surroundings, wilhelmina: str
) -> None:
    headers = await token(api, store, "customer", WILHELMINA.customer_id)
    asked = await api.post(f"{wilhelmina}/exports", headers=headers)
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    where = asked.headers["Location"]
    assert (await api.get(where, headers=headers)).headers["Retry-After"] == "2"
    early = await api.get(f"{where}/document", headers=headers)
    assert (early.status_code, early.json()["type"]) == (409, "not-done")

    await run_jobs(around)

    state = (await api.get(where, headers=headers)).json()
    assert state["state"] == "done" and state["progress"]["done"] == state["progress"]["stores"] > 40
    document = (await api.get(state["document"], headers=headers)).json()
    assert WILHELMINA.email in str(document)
    page = await api.get(state["document"], params={"form": "html"}, headers=headers)
    assert page.headers["Content-Type"].startswith("text/html") and WILHELMINA.last_name in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert page.headers["X-Content-Type-Options"] == "nosniff"


async def test_an_export_of_the_last_hour_is_given_again(
    api: httpx.AsyncClient, store: Store, around: Surroundings, customers_url: str
) -> None:
    await store.write([record("C0AGAIN")])
    headers = await token(api, store, "customer", "C0AGAIN")
    asked = await api.post("/api/customer/C0AGAIN/exports", headers=headers)
    await run_jobs(around)
    again = await api.post("/api/customer/C0AGAIN/exports", headers=headers)
    assert (again.json()["job_id"], again.json()["state"]) == (asked.json()["job_id"], "done")
    with psycopg.connect(customers_url) as connection:
        connection.execute("UPDATE profiles.rights_jobs SET finished_at = now() - interval '61 minutes'")
    later = await api.post("/api/customer/C0AGAIN/exports", headers=headers)
    assert (later.json()["job_id"] != asked.json()["job_id"], later.json()["state"]) == (True, "waiting")


async def test_a_customer_gets_nothing_of_another_ones(
    api: httpx.AsyncClient, store: Store, around: Surroundings, wilhelmina: str
) -> None:
    admin = await token(api, store, "admin")
    asked = await api.post(f"{wilhelmina}/exports", headers={**admin, **WHY})
    await run_jobs(around)
    job_id = asked.json()["job_id"]

    boris = await token(api, store, "customer", BORIS.customer_id)
    for kind in ("exports", "erasures"):
        assert (await api.post(f"{wilhelmina}/{kind}", headers=boris)).status_code == 403
    assert (await api.get(f"{wilhelmina}/exports/{job_id}/document", headers=boris)).status_code == 403
    own = f"/api/customer/{BORIS.customer_id}/exports/{job_id}/document"
    answer = await api.get(own, headers=boris)
    assert (answer.status_code, answer.json()["type"]) == (404, "unknown-request")


async def test_an_admin_says_who_and_why_and_others_may_not(
    api: httpx.AsyncClient, store: Store, wilhelmina: str
) -> None:
    admin = await token(api, store, "admin")
    unsaid = await api.post(f"{wilhelmina}/erasures", headers=admin)
    assert (unsaid.status_code, unsaid.json()["type"]) == (422, "who-and-why")
    for role in ("agent", "analyst", "service"):
        headers = {**await token(api, store, role), **WHY}
        assert (await api.post(f"{wilhelmina}/erasures", headers=headers)).status_code == 403


async def test_an_erasure_shows_its_progress_and_its_certificate_and_is_in_the_audit_log(
    api: httpx.AsyncClient, store: Store, around: Surroundings, customers_url: str, wilhelmina: str
) -> None:
    headers = {**await token(api, store, "admin"), **WHY}
    asked = await api.post(f"{wilhelmina}/erasures", headers=headers)
    again = await api.post(f"{wilhelmina}/erasures", headers=headers)
    assert asked.status_code == 202 and again.json()["job_id"] == asked.json()["job_id"]

    await run_jobs(around)

    state = (await api.get(asked.headers["Location"], headers=headers)).json()
    assert state["state"] == "done"
    assert state["certificate"]["pseudonym"] == around.vault.pseudonym(WILHELMINA.customer_id)
    assert await found(around, customers_url, WILHELMINA.needles) == []
    async with store.engine.connect() as connection:
        said = await connection.exec_driver_sql(
            "SELECT who, what, why FROM profiles.audit WHERE what IN ('erasure asked for', 'erased') ORDER BY sequence"
        )
        assert ("admin-client/anna", "erased", "letter of 20 November") in [tuple(row) for row in said.all()]


async def test_of_nobody_there_is_nothing_to_export(
    api: httpx.AsyncClient, store: Store, around: Surroundings
) -> None:
    headers = {**await token(api, store, "admin"), **WHY}
    asked = await api.post("/api/customer/C0NOBODY/exports", headers=headers)
    await run_jobs(around)
    state = (await api.get(asked.headers["Location"], headers=headers)).json()
    assert (state["state"], state["problem"]) == ("failed", "nothing is known of this person")
