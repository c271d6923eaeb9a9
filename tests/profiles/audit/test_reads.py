"""What services read is written together, a moment later, and never silently not."""

import asyncio

import httpx
import psycopg
import pytest

from common.problems import Problem
from ops.ports import LOOPBACK, free_port
from profiles import database
from profiles.audit import reads
from profiles.audit.chain import Entry
from profiles.audit.reads import ReadLog
from profiles.store import Store
from tests.profiles.conftest import key, record


def entry(number: int) -> Entry:
    return Entry("web", f"view {number}", "pseudonym", "purpose service")


def noted(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [what for (what,) in connection.execute("SELECT what FROM profiles.audit ORDER BY sequence")]


async def test_reads_are_written_in_their_order_and_the_rest_at_the_end(
    store: Store, customers_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "BATCH", 2)
    log = ReadLog(store.engine)
    running = asyncio.create_task(log.run())
    for number in range(5):
        log.add(entry(number))
    log.end()
    await running
    assert noted(customers_url) == [f"view {number}" for number in range(5)]


async def test_reads_wait_for_a_database_that_is_away(
    store: Store, customers_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "OVERDUE_SECONDS", 0.0)
    monkeypatch.setattr(reads, "WAITING", 2)
    lost = database.connect(f"postgresql://nobody:none@{LOOPBACK}:{free_port()}/none", 5)
    log = ReadLog(lost)
    log.add(entry(1))
    assert not await log.write()
    assert log.problem() == "1 reads wait to be written to the audit log"
    log.add(entry(2))
    with pytest.raises(Problem, match="can't be noted"):
        log.add(entry(3))
    log._engine = store.engine
    assert await log.write()
    assert (noted(customers_url), log.problem()) == (["view 1", "view 2"], None)
    await lost.dispose()


async def test_views_and_lookups_of_services_are_noted_with_their_purpose(
    api: httpx.AsyncClient, store: Store, customers_url: str
) -> None:
    await store.write([record()])
    await api.get("/api/customer/C000001", params={"purpose": "personalisation"}, headers=key("read"))
    await api.post("/api/lookup", json={"phone": "07700 900123"}, headers=key("write"))
    said = {"Rapport-Actor": "checkout", "Rapport-Reason": "\x7fan order is placed"}
    await api.get("/api/customer/C000001", headers={**key("write"), **said})
    transport = api._transport
    assert isinstance(transport, httpx.ASGITransport)
    assert await transport.app.state.reads.write()  # type: ignore[attr-defined]
    with psycopg.connect(customers_url) as connection:
        noted = connection.execute(
            "SELECT who, what, why FROM profiles.audit WHERE what NOT LIKE 'changed%' ORDER BY sequence"
        ).fetchall()
    assert noted == [
        ("reader", "view", "purpose personalisation"),
        ("writeer", "lookup", "purpose service"),
        ("writeer/checkout", "view", "an order is placed"),
    ]


async def test_health_says_when_reads_are_not_noted(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "OVERDUE_SECONDS", 0.0)
    transport = api._transport
    assert isinstance(transport, httpx.ASGITransport)
    transport.app.state.reads.add(entry(1))  # type: ignore[attr-defined]
    health = await api.get("/health")
    assert (health.status_code, health.json()["reason"]) == (
        503,
        "1 reads wait to be written to the audit log",
    )
