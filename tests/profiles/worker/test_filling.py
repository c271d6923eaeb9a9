"""What the stream delivers is gathered, written into the lake at once, and only then done with."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import text

from profiles.crypto import Vault
from profiles.events.envelope import Event, Read, dump, read
from profiles.lake.lake import Lake
from profiles.rights import tombstones
from profiles.store import Store
from profiles.worker.filling import Filling
from profiles.worker.subscribers import Delivery, Entry
from tests.profiles.conftest import DATA_KEY, days_ago, record
from tests.profiles.worker.events import NOON, event


@pytest.fixture
def lake(store: Store, tmp_path: Path) -> Lake:
    return Lake(tmp_path, store.engine, Vault(DATA_KEY))


_SOMEBODY_WAITS = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


class Stream:
    """Deliveries, and which of them were done with."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def delivery(self, id_: str, *events: Event, body: bytes | None = None) -> Delivery:
        async def done() -> None:
            self.done.append(id_)

        return Delivery([Entry(id_, dump(events) if body is None else body)], done)


async def kept(lake: Lake) -> list[str]:
    ids: list[str] = (await lake.read(NOON.date()))["message_id"].to_pylist()
    return ids


async def test_deliveries_are_done_with_once_they_are_written(store: Store, lake: Lake) -> None:
    stream, filling = Stream(), Filling(lake, store.engine, store.vault)
    await filling.handle(stream.delivery("1-0", event("m1"), event("m2")))
    await filling.handle(stream.delivery("2-0", body=b"no events"))
    await filling.handle(stream.delivery("10-0", event("m3")))
    assert stream.done == []
    await filling.write()
    assert stream.done == ["1-0", "2-0", "10-0"]
    assert await kept(lake) == ["m1", "m2", "m3"]


async def test_what_somebody_refused_is_not_kept_there_either(store: Store, lake: Lake) -> None:
    said = {"source": "preference centre", "version": "1", "at": days_ago(1), "granted": False}
    await store.write([record(consents=[{"purpose": "analytics", **said}])])
    no = {"consent": {"categoryPreferences": {"analytics": False}}}
    stream, filling = Stream(), Filling(lake, store.engine, store.vault)
    await filling.handle(
        stream.delivery("1-0", event("m1"), event("m2", user_id="C2", context=no), event("m3", user_id="C2"))
    )
    await filling.write()
    assert await kept(lake) == ["m3"]


async def test_when_the_disk_takes_nothing_everything_comes_again(store: Store, tmp_path: Path) -> None:
    occupied = tmp_path / "lake"
    occupied.write_text("a file where the folder should be")
    stream, filling = (
        Stream(),
        Filling(Lake(occupied, store.engine, Vault(DATA_KEY)), store.engine, store.vault),
    )
    await filling.handle(stream.delivery("1-0", event("m1")))
    with pytest.raises(OSError, match="lake"):
        await filling.write()
    assert stream.done == []
    occupied.unlink()
    await filling.write()
    assert stream.done == ["1-0"]


def of_year_one(message_id: str) -> Event:
    """As an older service accepted it: its moment is before all years in UTC."""
    before_time = datetime.fromisoformat("0001-01-01T00:00:00+14:00")
    return event(message_id).model_copy(update={"timestamp": before_time})


async def test_an_event_that_no_day_can_hold_is_left_out_alone(store: Store, lake: Lake) -> None:
    stream, filling = Stream(), Filling(lake, store.engine, store.vault)
    await filling.handle(stream.delivery("1-0", event("m1"), of_year_one("m2"), event("m3")))
    await filling.write()
    assert stream.done == ["1-0"]
    assert await kept(lake) == ["m1", "m3"]


async def test_between_two_entries_other_work_of_the_process_has_its_turn(
    store: Store, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or events that are to be applied wait until thousands have been read for the lake."""
    filling, turns, seen = Filling(lake, store.engine, store.vault), 0, []

    async def other_work() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def noting(body: bytes) -> Read:
        seen.append(turns)
        return read(body)

    monkeypatch.setattr("profiles.worker.filling.read", noting)
    monkeypatch.setattr("profiles.worker.filling.PART_EVENTS", 3)
    for number in range(10):
        await filling.handle(Stream().delivery(f"{number + 1}-0", event(f"a{number}"), event(f"b{number}")))
    working = asyncio.create_task(other_work())
    await filling.write()
    working.cancel()
    assert len(seen) == 10
    assert seen == sorted(set(seen)), "each entry is read in a turn of its own"
    assert len(await kept(lake)) == 20


async def test_whatever_goes_wrong_writing_goes_on(
    store: Store, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    filling, written = Filling(lake, store.engine, store.vault), asyncio.Event()
    faults = iter([KeyError("what nobody has thought of")])

    async def write() -> None:
        for fault in faults:
            raise fault
        written.set()

    monkeypatch.setattr("profiles.worker.filling.GATHERED_SECONDS", 0)
    monkeypatch.setattr("profiles.worker.filling.AGAIN_SECONDS", 0)
    monkeypatch.setattr(filling, "write", write)
    writing = asyncio.create_task(filling.write_for_ever())
    await asyncio.wait_for(written.wait(), 5)
    assert not writing.done()
    writing.cancel()


async def test_what_comes_late_of_erased_people_is_not_kept(store: Store, lake: Lake) -> None:
    stream, filling = Stream(), Filling(lake, store.engine, store.vault)
    await filling.handle(stream.delivery("1-0", event("m1")))
    async with store.engine.begin() as connection:
        await tombstones.put(connection, store.vault, ["C000001", "b1"])
    await filling.handle(stream.delivery("2-0", event("m2"), event("m3", anonymous_id="b1")))
    await filling.handle(stream.delivery("3-0", event("m4", user_id="C2")))
    await filling.write()
    assert await kept(lake) == ["m4"]


async def test_who_erases_waits_until_the_files_that_are_being_written_are_listed(
    store: Store, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or their events would be missed by it."""
    writing, go_on, order = asyncio.Event(), asyncio.Event(), []
    add_rows = lake.add_rows

    async def slow(by_folder: Mapping[str, pa.Table], name: str) -> None:
        writing.set()
        await go_on.wait()
        await add_rows(by_folder, name)
        order.append("written")

    async def erase() -> None:
        async with store.engine.begin() as connection:
            await tombstones.put(connection, store.vault, ["C000001"])
        order.append("noted")

    monkeypatch.setattr(lake, "add_rows", slow)
    filling = Filling(lake, store.engine, store.vault)
    await filling.handle(Stream().delivery("1-0", event("m1")))
    async with asyncio.timeout(20), asyncio.TaskGroup() as both:
        both.create_task(filling.write())
        await writing.wait()
        both.create_task(erase())
        async with store.engine.connect() as connection:
            while not await connection.scalar(_SOMEBODY_WAITS):
                pass
        go_on.set()
    assert order == ["written", "noted"]
