"""Segment's own Python library posts to the real service, over HTTP, and nothing it sends is lost."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import analytics.consumer
import pytest
from analytics.client import Client
from analytics.request import APIError
from redis import Redis

from ops.redis_server import RedisServer
from profiles.events.envelope import Event
from tests.profiles.conftest import KEYS
from tests.profiles.events.opening import entries, vault_of_processes
from tests.profiles.service import Service


@pytest.fixture(scope="module")
def redis(server_folder: Path) -> Iterator[RedisServer]:
    """One of these tests' own, for it is stopped."""
    with RedisServer(server_folder / "library-redis", durable=False) as server:
        yield server


@pytest.fixture(scope="module")
def service(migrated_url: str, redis: RedisServer) -> Iterator[Service]:
    with Service(migrated_url, redis.url) as service:
        yield service


@pytest.fixture
def errors() -> list[str]:
    return []


@pytest.fixture
def client(service: Service, migrated_url: str, redis: RedisServer, errors: list[str]) -> Iterator[Client]:
    redis.command("FLUSHALL")
    client = make_client(service, errors)
    yield client
    client.shutdown()


def make_client(service: Service, errors: list[str], **more: Any) -> Client:
    def failed(error: Exception, items: list[Any]) -> None:
        errors.append(f"{len(items)}: {error}")

    return Client(KEYS["write"], host=service.url, on_error=failed, upload_interval=0.05, **more)


def accepted(url: str, redis: RedisServer) -> list[Event]:
    requests = entries(vault_of_processes(url), Redis.from_url(redis.url))
    return [event for events in requests for event in events]


def test_every_kind_of_call_arrives(
    client: Client, migrated_url: str, redis: RedisServer, errors: list[str]
) -> None:
    then = datetime.now(UTC) - timedelta(days=2)
    client.identify("C000001", {"tier": "gold"}, anonymous_id="visitor-1")
    client.track("C000001", "Product Viewed", {"sku": "HV-HP-01"}, timestamp=then, message_id="m-1")
    client.page(anonymous_id="visitor-1", name="Kettles", properties={"path": "/kettles"})
    client.group("C000001", "family-1", {"size": 4})
    client.alias("visitor-1", "C000001")
    client.flush()
    events = accepted(migrated_url, redis)
    assert [event.type for event in events] == ["identify", "track", "page", "group", "alias"]
    assert errors == []
    track = events[1]
    assert (track.message_id, track.event, track.source) == ("m-1", "Product Viewed", "writeer")
    assert abs(track.timestamp - then) < timedelta(seconds=5)


def test_packed_batches_arrive(
    service: Service, migrated_url: str, redis: RedisServer, errors: list[str]
) -> None:
    redis.command("FLUSHALL")
    client = make_client(service, errors, gzip=True)
    for number in range(300):
        client.track("C000001", "Product Viewed", {"number": number})
    client.shutdown()
    assert sorted(event.properties["number"] for event in accepted(migrated_url, redis)) == list(range(300))
    assert errors == []


def test_the_library_hears_of_a_bad_event_and_loses_no_good_one(
    client: Client, migrated_url: str, redis: RedisServer, errors: list[str]
) -> None:
    client.track("C000001", "Product Viewed")
    client.screen("C000001", name="Home")
    client.track("C000001", "Product Added")
    client.flush()
    assert [event.event for event in accepted(migrated_url, redis)] == ["Product Viewed", "Product Added"]
    assert len(errors) == 1
    assert "bad-events" in errors[0]


def test_what_is_posted_while_redis_is_away_arrives_once_it_is_back(
    client: Client, migrated_url: str, redis: RedisServer, errors: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told_to_come_again = threading.Event()
    post = analytics.consumer.post

    def watched(*arguments: Any, **more: Any) -> Any:
        try:
            return post(*arguments, **more)
        except APIError as error:
            if error.status == 503:
                told_to_come_again.set()
            raise

    monkeypatch.setattr(analytics.consumer, "post", watched)
    redis.stop()
    client.track("C000001", "Product Viewed", message_id="patient")
    assert told_to_come_again.wait(30)
    redis.start()
    client.flush()
    # A restarted Redis is given the newest events once more: some may be there twice, and some of the test before.
    assert "patient" in [event.message_id for event in accepted(migrated_url, redis)]
    assert errors == []
