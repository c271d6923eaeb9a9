"""What services read is written together, a moment later, and never silently not."""

import asyncio

import psycopg
import pytest

from common.problems import Problem
from ops.ports import LOOPBACK, free_port
from profiles import database
from profiles.audit import reads
from profiles.audit.chain import Entry
from profiles.audit.reads import ReadLog
from profiles.store import Store


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
