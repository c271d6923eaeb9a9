"""The client against a real service and a real Redis, whole, slow and down."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ops.ports import LOOPBACK, free_port
from ops.redis_server import RedisServer
from profiles.client import (
    FAILURES,
    REST_SECONDS,
    Interaction,
    ProfilesClient,
    ProfilesUnavailable,
    UnknownCustomer,
)
from profiles.protocol import PURPOSES, stale_key, view_key
from profiles.records import ConsentStatement
from profiles.store import Store
from tests.profiles.conftest import KEYS, days_ago, record
from tests.profiles.service import Service

#: What a test adds to the client's own limit before it calls an answer late; the machine may be busy.
SLACK_SECONDS = 0.6
NO_REDIS = f"redis://:secret@{LOOPBACK}:{free_port()}/0"


def nowhere() -> str:
    """The address of a service that is not there."""
    return f"http://{LOOPBACK}:{free_port()}"


@pytest.fixture(scope="module")
def running(migrated_url: str, redis_server: RedisServer) -> Iterator[Service]:
    with Service(migrated_url, redis_server.url) as service:
        yield service


@pytest.fixture
def service(running: Service, store: Store) -> Iterator[Service]:
    """The service, running again after each test, over the emptied stores."""
    yield running
    running.thaw()
    running.start()


@pytest.fixture
async def client(service: Service, redis_url: str, store: Store) -> AsyncIterator[ProfilesClient]:
    """A client of the running service; one customer is known."""
    await store.write([record()])
    async with ProfilesClient(service.url, KEYS["write"], redis_url, timeout=2.0) as client:
        yield client


def interaction(number: int) -> Interaction:
    return Interaction(
        interaction_id=f"conversation-{number}",
        customer_id="C000001",
        channel="chat",
        occurred_at=days_ago(0),
        issue="refund",
        outcome="open",
    )


async def test_first_from_the_service_then_from_the_cache(client: ProfilesClient) -> None:
    first = await client.view("C000001", "personalisation")
    second = await client.view("C000001", "personalisation")
    assert (first.source, second.source) == ("service", "cache")
    assert first.attributes == second.attributes
    assert first.attributes["segment"] == "loyal_high_value"


async def test_a_write_is_seen_by_the_next_read(client: ProfilesClient) -> None:
    for number in range(10):
        before = await client.view("C000001", "personalisation")
        await client.record_interaction(interaction(number))
        after = await client.view("C000001", "personalisation")
        assert (after.source, after.version) == ("service", before.version + 1)
        assert after.attributes["tickets_open"] == number + 1


async def test_an_unknown_customer_is_no_outage(client: ProfilesClient) -> None:
    with pytest.raises(UnknownCustomer):
        await client.view("C999999")
    with pytest.raises(UnknownCustomer):
        await client.record_interaction(interaction(1).model_copy(update={"customer_id": "C999999"}))


async def test_a_refused_key_is_said(client: ProfilesClient, service: Service, redis_url: str) -> None:
    async with ProfilesClient(service.url, "not-a-key", redis_url) as stranger:
        with pytest.raises(ProfilesUnavailable, match="401, wrong-key"):
            await stranger.view("C000001")
    async with ProfilesClient(service.url, KEYS["read"], redis_url) as reader:
        with pytest.raises(ProfilesUnavailable, match="403, not-allowed"):
            await reader.record_interaction(interaction(1))


async def test_when_the_service_is_down_the_last_view_serves(
    client: ProfilesClient, service: Service, redis_server: RedisServer
) -> None:
    fresh = await client.view("C000001", "personalisation")
    service.stop()
    redis_server.command("DEL", view_key("C000001", "personalisation"))
    stale = await client.view("C000001", "personalisation")
    assert (stale.source, stale.attributes) == ("stale", fresh.attributes)
    assert stale.age_seconds > 0
    with pytest.raises(ProfilesUnavailable):
        await client.view("C000001", "analytics")
    service.start()
    # On the connection that was closed meanwhile.
    assert (await client.view("C000001", "analytics")).source == "service"


async def test_when_the_service_is_slow_the_last_view_comes_in_time(
    client: ProfilesClient, service: Service, redis_server: RedisServer, redis_url: str
) -> None:
    await client.view("C000001", "personalisation")
    redis_server.command("DEL", view_key("C000001", "personalisation"))
    service.freeze()
    async with ProfilesClient(service.url, KEYS["write"], redis_url) as impatient:
        began = time.monotonic()
        stale = await impatient.view("C000001", "personalisation")
        assert stale.source == "stale"
        assert 0.4 <= time.monotonic() - began < 0.4 + SLACK_SECONDS
    service.thaw()
    assert (await client.view("C000001", "personalisation")).source == "service"


async def test_without_redis_the_service_is_asked(client: ProfilesClient, service: Service) -> None:
    async with ProfilesClient(service.url, KEYS["read"], NO_REDIS, timeout=2.0) as cut_off:
        assert (await cut_off.view("C000001", "personalisation")).source == "service"
    async with ProfilesClient(nowhere(), KEYS["read"], NO_REDIS) as alone:
        with pytest.raises(ProfilesUnavailable):
            await alone.view("C000001", "personalisation")


async def test_withdrawn_consent_leaves_no_stale_copy(
    client: ProfilesClient, redis_url: str, store: Store
) -> None:
    for purpose in PURPOSES:
        await client.view("C000001", purpose)
    withdrawn = ConsentStatement(
        purpose="personalisation", granted=False, source="chat", version="2026-01", at=days_ago(0)
    )
    await store.state_consent("C000001", withdrawn)
    async with ProfilesClient(nowhere(), KEYS["read"], redis_url, timeout=0.1) as cut_off:
        for purpose in PURPOSES:
            with pytest.raises(ProfilesUnavailable):
                await cut_off.view("C000001", purpose)


async def test_a_write_while_redis_is_down_reaches_the_cache_afterwards(
    service: Service, store: Store, customers_url: str, server_folder: Path
) -> None:
    # The other service would take the pending invalidations to its own Redis.
    service.stop()
    redis = RedisServer(server_folder / "short-lived-redis")
    redis.start()
    await store.write([record()])
    with Service(customers_url, redis.url) as own:
        async with ProfilesClient(own.url, KEYS["write"], redis.url, timeout=2.0) as client:
            await client.view("C000001", "personalisation")
            assert (await client.view("C000001", "personalisation")).source == "cache"
            redis.stop()
            await client.record_interaction(interaction(1))
            during = await client.view("C000001", "personalisation")
            assert (during.source, during.attributes["last_issue"]) == ("service", "refund")
            redis.start()
            deadline = time.monotonic() + 20
            while (await client.view("C000001", "personalisation")).version != during.version:
                assert time.monotonic() < deadline, "the old view stayed in the cache"
    redis.stop()


async def test_an_outdated_reader_does_not_bring_an_old_view_back(
    store: Store, redis_server: RedisServer
) -> None:
    await store.write([record()])
    old = await store.view("C000001", "personalisation")
    await store.record_interaction(interaction(1))
    # What a reader does that read before the write and comes to the cache after it.
    await store._cache.store(old, days_ago(0), days_ago(-1))
    assert redis_server.command("EXISTS", view_key("C000001", "personalisation")) == ":0"


async def test_a_cached_view_ends_with_the_consent_it_rests_on(
    store: Store, redis_server: RedisServer
) -> None:
    soon = {"purpose": "personalisation", "granted": True, "source": "chat", "version": "2026-01"}
    await store.write([record(consents=[{**soon, "at": days_ago(1), "expires_at": days_ago(-30 / 86_400)}])])
    await store.view("C000001", "personalisation")
    for cached in (view_key("C000001", "personalisation"), stale_key("C000001", "personalisation")):
        assert 0 < int(redis_server.command("PTTL", cached).removeprefix(":")) <= 30_000


async def test_a_service_that_is_down_is_not_waited_for_again_and_again(
    client: ProfilesClient, service: Service, redis_url: str
) -> None:
    await client.view("C000001")
    async with ProfilesClient(nowhere(), KEYS["write"], redis_url, timeout=0.3) as lost:
        for number in range(FAILURES):
            with pytest.raises(ProfilesUnavailable):
                await lost.view(f"C{number}")
        began = time.monotonic()
        for number in range(20):
            with pytest.raises(ProfilesUnavailable, match="lately"):
                await lost.view(f"C{number}")
        assert time.monotonic() - began < SLACK_SECONDS


async def test_a_service_that_is_back_is_found_again(
    client: ProfilesClient, service: Service, redis_url: str
) -> None:
    async with ProfilesClient(service.url, KEYS["write"], redis_url, timeout=0.3) as wary:
        service.stop()
        for number in range(FAILURES):
            with pytest.raises(ProfilesUnavailable):
                await wary.view(f"C{number}")
        service.start()
        async with asyncio.timeout(REST_SECONDS + 5):
            while True:
                try:
                    assert (await wary.view("C000001")).source == "service"
                    break
                except ProfilesUnavailable:
                    await asyncio.sleep(0.1)
