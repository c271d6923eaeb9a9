"""The log: one chain whoever writes, in the transaction of what it tells of, and only ever added to."""

import asyncio
import hashlib

import psycopg
import pytest
from psycopg import sql

from profiles.audit.acting import act_as
from profiles.audit.chain import Entry, entry_hash, note
from profiles.audit.settings import AuditSettings
from profiles.audit.verify import verify
from profiles.store import InteractionTaken, Store
from tests.profiles.conftest import days_ago, record

from .conftest import add


def rows(url: str, *columns: str) -> list[tuple[object, ...]]:
    query = sql.SQL("SELECT {} FROM profiles.audit ORDER BY sequence")
    with psycopg.connect(url) as connection:
        return connection.execute(query.format(sql.SQL(", ").join(map(sql.Identifier, columns)))).fetchall()


async def test_writers_at_the_same_time_make_one_chain(
    store: Store, customers_url: str, audit_settings: AuditSettings
) -> None:
    await asyncio.gather(*(add(store, *"abc"[: 1 + number % 3]) for number in range(12)))
    assert [number for (number,) in rows(customers_url, "sequence")] == list(range(1, 25))
    assert (await verify(store.engine, audit_settings.keys(), [])).faults == []


async def test_many_entries_go_in_parts(
    store: Store, customers_url: str, audit_settings: AuditSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("profiles.audit.chain.AT_ONCE", 3)
    await add(store, *"abcdefgh")
    assert "".join(str(what) for (what,) in rows(customers_url, "what")) == "abcdefgh"
    report = await verify(store.engine, audit_settings.keys(), [])
    assert (report.entries, report.faults) == (8, [])


async def test_what_is_rolled_back_leaves_no_gap(
    store: Store, customers_url: str, audit_settings: AuditSettings
) -> None:
    await add(store, "a")
    async with store.engine.connect() as connection:
        await note(connection, [Entry("tester", "b", None, "taken back")])
        await connection.rollback()
    await add(store, "c")
    assert rows(customers_url, "sequence", "what") == [(1, "a"), (2, "c")]
    assert (await verify(store.engine, audit_settings.keys(), [])).faults == []


@pytest.mark.parametrize(
    "change", ["UPDATE profiles.audit SET who = 'x'", "DELETE FROM profiles.audit", "TRUNCATE profiles.audit"]
)
async def test_the_log_refuses_changes(store: Store, customers_url: str, change: str) -> None:
    await add(store, "a")
    with (
        psycopg.connect(customers_url) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="only ever added to"),
    ):
        connection.execute(change.encode())


async def test_each_change_says_who_and_why(store: Store, customers_url: str) -> None:
    act_as("web/agent-7", "asked on the phone")
    await store.write([record(), record("C000002")])
    statement = record().consents[0].model_copy(update={"at": days_ago(0)})
    await store.state_consent("C000001", statement)
    said = rows(customers_url, "who", "what", "why")
    assert said == [
        ("web/agent-7", "changed: record", "asked on the phone"),
        ("web/agent-7", "changed: record", "asked on the phone"),
        ("web/agent-7", "changed: consent service", "asked on the phone"),
    ]
    pseudonyms = [one for (one,) in rows(customers_url, "customer_pseudonym")]
    assert pseudonyms[0] == pseudonyms[2] != pseudonyms[1]


async def test_a_change_that_fails_is_not_noted(store: Store, customers_url: str) -> None:
    await store.write([record("C000001", interactions=[])])
    theft = {"interaction_id": "taken", "channel": "chat", "occurred_at": days_ago(1)}
    await store.write([record("C000002", interactions=[theft])])
    with pytest.raises(InteractionTaken):
        await store.write([record("C000001", interactions=[theft])])
    assert len(rows(customers_url, "sequence")) == 2


def test_an_entry_hashes_as_the_documents_say() -> None:
    entry = Entry("web", "view", None, "purpose “service”", at=days_ago(0).replace(microsecond=5))
    moment = entry.at.isoformat(timespec="microseconds")
    said = f'[7,"{moment}","web","view",null,"purpose \\u201cservice\\u201d","{"00" * 32}"]'
    assert entry_hash(7, entry, bytes(32)) == hashlib.sha256(said.encode()).digest()
