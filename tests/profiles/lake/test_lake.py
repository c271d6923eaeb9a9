"""The lake keeps every accepted event by its day, encrypted, and can forget people."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from profiles.crypto import Vault
from profiles.lake import files
from profiles.lake.lake import MANY_FILES, Lake
from profiles.store import Store
from tests.profiles.conftest import DATA_KEY
from tests.profiles.worker.events import NOON, event

DAY = NOON.date()


@pytest.fixture
def lake(store: Store, tmp_path: Path) -> Lake:
    return Lake(tmp_path, store.engine, Vault(DATA_KEY))


def files_below(folder: Path) -> list[Path]:
    return list(folder.rglob("*.parquet"))


async def test_what_went_in_comes_out_by_the_day_on_which_it_occurred(lake: Lake) -> None:
    events = [
        event("m1", "identify", traits={"email": "maria@example.org"}),
        event("m2", anonymous_id="b1", minutes=-24 * 60, properties={"price": 9.5}),
        event("m3", "page", name="Home"),
    ]
    await lake.add(events, "1-0", "2-0")
    assert await lake.days() == [DAY - timedelta(days=1), DAY]
    assert files.events_of(await lake.read(DAY)) == [events[0], events[2]]
    assert files.events_of(await lake.read(DAY - timedelta(days=1))) == [events[1]]


async def test_nothing_can_be_read_in_the_files(lake: Lake, tmp_path: Path) -> None:
    await lake.add([event("m1", "identify", traits={"email": "maria@example.org"})], "1-0", "1-0")
    [file] = files_below(tmp_path)
    content = file.read_bytes()
    assert content.startswith(b"PARE")
    assert b"maria" not in content
    assert b"C000001" not in content
    with pytest.raises(OSError, match=r"."):
        files.read(file, b"k" * 32)


async def test_each_event_is_read_once_however_often_it_was_sent_or_written(lake: Lake) -> None:
    await lake.add([event("m1"), event("m2")], "1-0", "2-0")
    await lake.add([event("m1"), event("m2")], "1-0", "2-0")
    await lake.add([event("m2"), event("m3")], "2-0", "3-0")
    assert [one.message_id for one in files.events_of(await lake.read(DAY))] == ["m1", "m2", "m3"]


async def test_many_files_of_a_day_gone_by_become_one(lake: Lake, tmp_path: Path) -> None:
    for number in range(MANY_FILES + 1):
        await lake.add([event(f"m{number}")], f"{number}-0", f"{number}-0")
    before = await lake.read(DAY)
    assert await lake.compact(datetime.now(UTC).date()) == 1
    assert len(files_below(tmp_path)) == 1
    assert sorted((await lake.read(DAY))["message_id"].to_pylist()) == sorted(
        before["message_id"].to_pylist()
    )


async def test_people_are_forgotten_and_nobody_else(lake: Lake, tmp_path: Path) -> None:
    await lake.add([event("m1"), event("m2", user_id="C2"), event("m3", anonymous_id="b1")], "1-0", "1-0")
    await lake.add([event("m4")], "2-0", "2-0")
    assert await lake.forget({"C000001"}, {"b1"}) == 3
    assert await lake.forget({"C000001"}, {"b1"}) == 0
    assert (await lake.read(DAY))["message_id"].to_pylist() == ["m2"]
    assert len(files_below(tmp_path)) == 1


async def test_what_others_did_on_a_device_of_somebody_forgotten_stays(lake: Lake) -> None:
    await lake.add(
        [event("m1", anonymous_id="b1"), event("m2", user_id="C2", anonymous_id="b1")], "1-0", "1-0"
    )
    assert await lake.forget({"C000001"}, {"b1"}) == 1
    assert (await lake.read(DAY))["message_id"].to_pylist() == ["m2"]


async def test_who_is_forgotten_is_no_longer_named_as_what_somebody_was_before(lake: Lake) -> None:
    aliases = [event(f"m-{old}", "alias", user_id="C2", previous_id=old) for old in ("C1", "b1", "C3")]
    await lake.add([*aliases, event("m2", user_id="C2")], "1-0", "1-0")
    assert await lake.forget({"C1"}, {"b1"}) == 2
    assert (await lake.read(DAY))["message_id"].to_pylist() == ["m-C3", "m2"]
