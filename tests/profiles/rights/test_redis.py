"""Taking a person out of a stream of many people's events."""

import asyncio

import psycopg
from redis.asyncio import Redis

from profiles.crypto import Vault
from profiles.events.envelope import Event, dump, parse
from profiles.events.sealed_entries import open_entry, seal_entry
from profiles.events.stream import EVENTS
from profiles.protocol import READS_STREAM
from profiles.rights.places import Surroundings
from profiles.rights.redis_place import ReadsPlace, StreamPlace
from profiles.worker.subscribers import make_groups
from tests.profiles.conftest import DATA_KEY
from tests.profiles.worker.events import event

VAULT = Vault(DATA_KEY)
ERASED = {"customer_ids": {"C0ERASE77"}, "device_ids": {"their-browser"}}


async def entry(redis: Redis, *events: Event) -> None:
    await redis.xadd(EVENTS, {"__data__": seal_entry(VAULT, dump(events))})


async def bodies(redis: Redis) -> list[list[str]]:
    """Message ids by entry."""
    entries = await redis.xrange(EVENTS)
    return [
        [event.message_id for event in parse(open_entry(VAULT, fields[b"__data__"]))] for _, fields in entries
    ]


async def has_waiting_client(redis: Redis) -> bool:
    """Whether somebody waits for an entry."""
    return any("b" in client["flags"] for client in await redis.client_list())


def stream_of(around: Surroundings) -> StreamPlace:
    [store] = [store for store in around.stores.redis if store.stream == EVENTS]
    return StreamPlace(store, around)


async def test_their_events_go_and_those_of_others_stay_in_their_order(around: Surroundings) -> None:
    redis, place = around.redis, stream_of(around)
    await entry(redis, event("1", user_id="C0OTHERS"))
    await entry(redis, event("2", user_id="C0ERASE77"), event("3", user_id="C0OTHERS"))
    await entry(redis, event("4", anonymous_id="their-browser"))
    await entry(redis, event("5", user_id="C0OTHERS", anonymous_id="their-browser"))
    assert await place.count(ERASED) == 2

    assert await place.erase(ERASED, "pseudonym") == 2

    assert await bodies(redis) == [["1"], ["3"], ["5"]]
    assert await place.count(ERASED) == 0


async def test_their_bytes_are_gone_and_not_only_marked_as_deleted(around: Surroundings) -> None:
    redis = around.redis
    await entry(redis, event("1", user_id="C0OTHERS"))
    await entry(redis, event("2", user_id="C0ERASE77"))
    await stream_of(around).erase(ERASED, "pseudonym")
    assert b"C0ERASE77" not in (await redis.dump(EVENTS) or b"")


async def test_readers_get_what_they_had_not_finished_and_what_they_had_not_seen(
    around: Surroundings,
) -> None:
    redis = around.redis
    await make_groups(redis, ["at it", "up to date"])
    await entry(redis, event("1", user_id="C0OTHERS"))
    await entry(redis, event("2", user_id="C0ERASE77"))
    await redis.xreadgroup("at it", "reader", {EVENTS: ">"})
    [[_, read]] = await redis.xreadgroup("up to date", "reader", {EVENTS: ">"})
    await redis.xack(EVENTS, "up to date", *(id_ for id_, _ in read))

    await stream_of(around).erase(ERASED, "pseudonym")
    await entry(redis, event("3", user_id="C0OTHERS"))

    for group, expected in (("at it", ["1", "3"]), ("up to date", ["3"])):
        [[_, read]] = await redis.xreadgroup(group, "reader", {EVENTS: ">"})
        assert [parse(open_entry(VAULT, fields[b"__data__"]))[0].message_id for _, fields in read] == expected


async def test_a_reader_that_waits_for_the_next_entry_goes_on_waiting_and_gets_it(
    around: Surroundings, redis_url: str
) -> None:
    redis = around.redis
    await make_groups(redis, ["readers"])
    await entry(redis, event("1", user_id="C0ERASE77"))
    await redis.xack(EVENTS, "readers", (await redis.xreadgroup("readers", "a", {EVENTS: ">"}))[0][1][0][0])
    async with Redis.from_url(redis_url) as other:
        waiting = asyncio.create_task(other.xreadgroup("readers", "a", {EVENTS: ">"}, block=20_000))
        while not await has_waiting_client(redis):  # noqa: ASYNC110  (Redis tells nobody)
            await asyncio.sleep(0.01)
        await stream_of(around).erase(ERASED, "pseudonym")
        await entry(redis, event("2", user_id="C0OTHERS"))
        [[_, [[_, fields]]]] = await waiting
    assert parse(open_entry(VAULT, fields[b"__data__"]))[0].message_id == "2"


async def test_reads_on_their_way_to_the_audit_log_arrive_there_and_leave_nothing_behind(
    around: Surroundings, customers_url: str
) -> None:
    [store] = [store for store in around.stores.redis if store.holds == "reads"]
    place = ReadsPlace(store, around)
    for customer in ("C0ERASE77", "C0OTHERS"):
        said = {"key": "k", "customer": customer, "purpose": "service", "from": "cache"}
        await around.redis.xadd(READS_STREAM, said)

    assert await place.erase(ERASED, "pseudonym") == 1

    assert await place.count(ERASED) == 0
    assert b"C0ERASE77" not in (await around.redis.dump(READS_STREAM) or b"")
    with psycopg.connect(customers_url) as connection:
        noted = connection.execute(
            "SELECT customer_pseudonym FROM profiles.audit ORDER BY sequence"
        ).fetchall()
    assert noted == [(around.vault.pseudonym(one),) for one in ("C0ERASE77", "C0OTHERS")]
