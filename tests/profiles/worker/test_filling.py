"""What the stream delivers is gathered, written into the lake at once, and only then done with."""

from pathlib import Path

import pytest

from profiles.crypto import Vault
from profiles.events.envelope import Event, dump
from profiles.lake.lake import Lake
from profiles.store import Store
from profiles.worker.filling import Filling
from profiles.worker.subscribers import Delivery, Entry
from tests.profiles.conftest import DATA_KEY, days_ago, record
from tests.profiles.worker.events import NOON, event


@pytest.fixture
def lake(store: Store, tmp_path: Path) -> Lake:
    return Lake(tmp_path, store.engine, Vault(DATA_KEY))


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
    stream, filling = Stream(), Filling(lake, store.engine)
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
    stream, filling = Stream(), Filling(lake, store.engine)
    await filling.handle(
        stream.delivery("1-0", event("m1"), event("m2", user_id="C2", context=no), event("m3", user_id="C2"))
    )
    await filling.write()
    assert await kept(lake) == ["m3"]


async def test_when_the_disk_takes_nothing_everything_comes_again(store: Store, tmp_path: Path) -> None:
    occupied = tmp_path / "lake"
    occupied.write_text("a file where the folder should be")
    stream, filling = Stream(), Filling(Lake(occupied, store.engine, Vault(DATA_KEY)), store.engine)
    await filling.handle(stream.delivery("1-0", event("m1")))
    with pytest.raises(OSError, match="lake"):
        await filling.write()
    assert stream.done == []
    occupied.unlink()
    await filling.write()
    assert stream.done == ["1-0"]
