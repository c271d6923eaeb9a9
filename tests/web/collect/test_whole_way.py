"""A browser's events reach the stream of the real profile service through web."""

from redis import Redis

from ops.redis_server import RedisServer
from tests.profiles.conftest import KEYS, migrated_url
from tests.profiles.events.opening import entries, vault_of_processes
from tests.profiles.service import Service
from tests.web.collect.browsing import said
from tests.web.conftest import Settings, started

#: A fixture of the other room.
__all__ = ["migrated_url"]


async def test_events_of_a_browser_reach_the_stream_as_those_of_web(
    migrated_url: str, redis_server: RedisServer, redis_url: str, settings: Settings
) -> None:
    with Service(migrated_url, redis_server.url) as service:
        chosen = settings(profiles_url=service.url, profiles_key=KEYS["write"])
        async with started(chosen) as web:
            token = (await web.http.post("/api/conversations")).json()["token"]
            too_long = said(properties={"text": "x" * 40_000})
            response = await web.http.post(
                "/v1/batch",
                json={"batch": [said(messageId="m-1"), said(type="alias"), too_long, said(messageId="m-2")]},
                headers={"Authorization": f"Bearer {token}"},
            )
    assert [error["index"] for error in response.json()["errors"]] == [1, 2]
    [events] = entries(vault_of_processes(migrated_url), Redis.from_url(redis_url))
    assert [(event.message_id, event.anonymous_id, event.source) for event in events] == [
        ("web-m-1", "web-visitor-1", "writeer"),
        ("web-m-2", "web-visitor-1", "writeer"),
    ]
