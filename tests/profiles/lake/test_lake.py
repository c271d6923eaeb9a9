"""The lake keeps every accepted event by its day, encrypted, and can forget people."""

import asyncio
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import text

from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.lake import files
from profiles.lake.lake import MANY_FILES, Lake
from profiles.store import Store
from tests.profiles.conftest import DATA_KEY
from tests.profiles.worker.events import NOON, event

DAY = NOON.date()


@pytest.fixture
def lake(store: Store, tmp_path: Path) -> Lake:
    return Lake(tmp_path, store.engine, Vault(DATA_KEY))


_SOMEBODY_WAITS = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def ids(table: pa.Table) -> list[str]:
    found: list[str] = table["message_id"].to_pylist()
    return sorted(found)


def long_ago(message_id: str, days: int, user_id: str = "C000001") -> Event:
    """An event that occurred so many days before it was received."""
    return event(message_id, user_id=user_id).model_copy(update={"timestamp": NOON - timedelta(days=days)})


def files_below(folder: Path) -> list[Path]:
    return list(folder.rglob("*.parquet"))


async def test_what_went_in_comes_out_by_the_day_on_which_it_occurred(lake: Lake) -> None:
    events = [
        event("m1", "identify", traits={"email": "maria@example.org"}),
        event("m2", anonymous_id="b1", minutes=-24 * 60, properties={"price": 9.5}),
        event("m3", "page", name="Home"),
    ]
    await lake.add(events, "1-0_2-0")
    assert files.events_of(await lake.read(DAY)) == [events[0], events[2]]
    assert files.events_of(await lake.read(DAY - timedelta(days=1))) == [events[1]]


async def test_nothing_can_be_read_in_the_files(lake: Lake, tmp_path: Path) -> None:
    await lake.add([event("m1", "identify", traits={"email": "maria@example.org"})], "1-0_1-0")
    [file] = files_below(tmp_path)
    content = file.read_bytes()
    assert content.startswith(b"PARE")
    assert b"maria" not in content
    assert b"C000001" not in content
    with pytest.raises(OSError, match=r"."):
        files.read(file, b"k" * 32)


async def test_each_event_is_read_once_however_often_it_was_sent_or_written(lake: Lake) -> None:
    await lake.add([event("m1"), event("m2")], "1-0_2-0")
    await lake.add([event("m1"), event("m2")], "1-0_2-0")
    await lake.add([event("m2"), event("m3")], "2-0_3-0")
    assert [one.message_id for one in files.events_of(await lake.read(DAY))] == ["m1", "m2", "m3"]


async def test_many_files_of_a_day_gone_by_become_one(lake: Lake, tmp_path: Path) -> None:
    for number in range(MANY_FILES + 1):
        await lake.add([event(f"m{number}")], f"{number}-0_{number}-0")
    before = await lake.read(DAY)
    assert await lake.compact(datetime.now(UTC).date()) == 1
    assert len(files_below(tmp_path)) == 1
    assert sorted((await lake.read(DAY))["message_id"].to_pylist()) == sorted(
        before["message_id"].to_pylist()
    )


async def test_people_are_forgotten_and_nobody_else(lake: Lake, tmp_path: Path) -> None:
    await lake.add([event("m1"), event("m2", user_id="C2"), event("m3", anonymous_id="b1")], "1-0_1-0")
    await lake.add([event("m4")], "2-0_2-0")
    assert await lake.forget({"C000001"}, {"b1"}) == 3
    assert await lake.forget({"C000001"}, {"b1"}) == 0
    assert (await lake.read(DAY))["message_id"].to_pylist() == ["m2"]
    assert len(files_below(tmp_path)) == 1


async def test_what_others_did_on_a_device_of_somebody_forgotten_stays(lake: Lake) -> None:
    await lake.add([event("m1", anonymous_id="b1"), event("m2", user_id="C2", anonymous_id="b1")], "1-0_1-0")
    assert await lake.forget({"C000001"}, {"b1"}) == 1
    assert (await lake.read(DAY))["message_id"].to_pylist() == ["m2"]


async def test_who_is_forgotten_is_no_longer_named_as_what_somebody_was_before(lake: Lake) -> None:
    aliases = [event(f"m-{old}", "alias", user_id="C2", previous_id=old) for old in ("C1", "b1", "C3")]
    await lake.add([*aliases, event("m2", user_id="C2")], "1-0_1-0")
    assert await lake.forget({"C1"}, {"b1"}) == 2
    assert (await lake.read(DAY))["message_id"].to_pylist() == ["m-C3", "m2"]


async def test_events_of_thousands_of_days_make_few_files_and_are_read_by_their_day(
    lake: Lake, tmp_path: Path
) -> None:
    days = [1, 7, 8, *range(9, 2000)]
    await lake.add([long_ago(f"m{number}", number) for number in days], "1-0_1-0")
    assert len(files_below(tmp_path)) == 3
    for number in (1, 7, 8, 1234):
        assert ids(await lake.read(DAY - timedelta(days=number))) == [f"m{number}"]
    assert ids(await lake.read(DAY - timedelta(days=2000))) == []


async def test_many_files_of_late_events_become_one_too(lake: Lake, tmp_path: Path) -> None:
    for number in range(MANY_FILES + 1):
        await lake.add([long_ago(f"m{number}", 100 + number)], f"{number}-0_{number}-0")
    assert await lake.compact(DAY) == 0
    assert await lake.compact(DAY + timedelta(days=1)) == 1
    assert len(files_below(tmp_path)) == 1
    assert ids(await lake.read(DAY - timedelta(days=110))) == ["m10"]


async def test_of_a_file_of_several_days_those_that_are_over_go(lake: Lake, tmp_path: Path) -> None:
    await lake.add([long_ago(f"m{number}", number) for number in (30, 20, 10)], "1-0_1-0")
    assert await lake.drop_before(DAY - timedelta(days=20)) == 1
    assert await lake.drop_before(DAY - timedelta(days=20)) == 0
    kept = [ids(await lake.read(DAY - timedelta(days=days))) for days in (30, 20, 10)]
    assert kept == [[], ["m20"], ["m10"]]
    assert await lake.drop_before(DAY) == 1
    assert files_below(tmp_path) == []


async def test_people_are_found_and_forgotten_among_late_events(lake: Lake) -> None:
    await lake.add([long_ago("m1", 500), long_ago("m2", 600, "C2"), event("m3")], "1-0_1-0")
    assert ids(await lake.of_people({"C000001"}, set())) == ["m1", "m3"]
    assert await lake.forget({"C000001"}, set()) == 2
    assert ids(await lake.of_people({"C000001", "C2"}, set())) == ["m2"]


async def test_putting_files_together_brings_nobody_back_who_is_forgotten_meanwhile(
    lake: Lake, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MANY_FILES + 1):
        both = [event(f"m{number}"), event(f"n{number}", user_id="C2")]
        await lake.add(both, f"{number}-0_{number}-0")
    has_read, go_on, read = threading.Event(), threading.Event(), files.read

    def slow(file: Path, key: bytes) -> pa.Table:
        table = read(file, key)
        has_read.set()
        go_on.wait(20)
        return table

    monkeypatch.setattr(files, "read", slow)
    async with asyncio.timeout(60), asyncio.TaskGroup() as both_at_once:
        both_at_once.create_task(lake.compact(date.max))
        await asyncio.to_thread(has_read.wait)
        monkeypatch.setattr(files, "read", read)
        forgetting = both_at_once.create_task(lake.forget({"C000001"}, set()))
        async with store.engine.connect() as connection:
            while not (forgetting.done() or await connection.scalar(_SOMEBODY_WAITS)):
                pass
        go_on.set()
    assert forgetting.result() == MANY_FILES + 1
    assert ids(await lake.read(DAY)) == sorted(f"n{number}" for number in range(MANY_FILES + 1))
