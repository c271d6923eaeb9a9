"""The HTTP API that client libraries post to."""

import base64
import gzip
import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from redis import Redis

from profiles.collect.messages import LONGEST_BATCH, LONGEST_EVENT
from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.events.stream import StreamUnavailable
from profiles.keys import parse_keys, replace_keys
from profiles.store import Store
from tests.profiles.conftest import DATA_KEY, KEYS, key, record
from tests.profiles.events import opening

VIEWED = {"event": "Product Viewed", "userId": "C000001", "properties": {"sku": "HV-HP-01"}}
WRITER = {"Authorization": "Basic " + base64.b64encode(f"{KEYS['write']}:".encode()).decode()}


@pytest.fixture
def stream(redis_url: str) -> Redis:
    return Redis.from_url(redis_url)


def entries(stream: Redis) -> list[list[Event]]:
    """What was accepted, a list for each request."""
    return opening.entries(Vault(DATA_KEY), stream)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("identify", {"userId": "C000001", "traits": {"tier": "gold"}}),
        ("track", VIEWED),
        ("page", {"anonymousId": "visitor-1", "name": "Kettles"}),
        ("group", {"userId": "C000001", "groupId": "family-1", "traits": {"size": 4}}),
        ("alias", {"previousId": "visitor-1", "userId": "C000001"}),
    ],
)
async def test_each_kind_of_message_is_accepted(
    api: httpx.AsyncClient, stream: Redis, kind: str, message: dict[str, Any]
) -> None:
    response = await api.post(f"/v1/{kind}", json=message, headers=WRITER)
    assert (response.status_code, response.json()) == (200, {"success": True})
    [[event]] = entries(stream)
    assert (event.type, event.source) == (kind, "writeer")
    assert message.items() <= event.model_dump(by_alias=True).items()


async def test_a_batch_is_one_entry_of_the_stream(api: httpx.AsyncClient, stream: Redis) -> None:
    messages = [{"type": "track", **VIEWED, "messageId": f"m-{number}"} for number in range(50)]
    response = await api.post("/v1/batch", json={"batch": messages}, headers=WRITER)
    assert response.status_code == 200
    assert [[event.message_id for event in entry] for entry in entries(stream)] == [
        [message["messageId"] for message in messages]
    ]


async def test_a_key_may_come_as_bearer(api: httpx.AsyncClient) -> None:
    assert (await api.post("/v1/track", json=VIEWED, headers=key("write"))).status_code == 200


async def test_who_may_not_post_is_told_so(api: httpx.AsyncClient, stream: Redis) -> None:
    def basic(text: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}

    for headers in (
        {},
        basic(":"),
        basic("nobodys-key:"),
        {"Authorization": "Basic ?"},
        {"Authorization": "Bearer x"},
    ):
        response = await api.post("/v1/track", json=VIEWED, headers=headers)
        assert response.status_code == 401
        assert "www-authenticate" in response.headers
    assert (await api.post("/v1/track", json=VIEWED, headers=key("read"))).status_code == 403
    assert entries(stream) == []


async def test_a_tills_key_brings_events_and_sees_nothing(
    api: httpx.AsyncClient, store: Store, stream: Redis
) -> None:
    await replace_keys(store.engine, parse_keys("till-7:collect:tills-key"))
    await store.write([record()])
    till = {"Authorization": "Bearer tills-key"}
    assert (await api.post("/v1/track", json=VIEWED, headers=till)).status_code == 200
    assert (await api.get("/api/customer/C000001", headers=till)).status_code == 403
    assert [[event.source for event in entry] for entry in entries(stream)] == [["till-7"]]


async def test_a_bad_message_is_named_after_the_good_ones_were_accepted(
    api: httpx.AsyncClient, stream: Redis
) -> None:
    messages = [{"type": "track", **VIEWED, "messageId": "good"}, {"type": "screen", "userId": "C000001"}]
    response = await api.post("/v1/batch", json={"batch": messages}, headers=WRITER)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["type"], problem["accepted"]) == ("bad-events", 1)
    assert [error["index"] for error in problem["errors"]] == [1]
    assert (problem["code"], problem["message"]) == (problem["type"], problem["detail"])
    assert [[event.message_id for event in entry] for entry in entries(stream)] == [["good"]]


async def test_what_is_too_long_is_refused_with_413(api: httpx.AsyncClient, stream: Redis) -> None:
    long = {**VIEWED, "type": "track", "properties": {"text": "x" * LONGEST_EVENT}}
    endless = json.dumps({"batch": [], "context": {"text": "x" * LONGEST_BATCH}}).encode()
    packed = {**WRITER, "Content-Encoding": "gzip"}
    for response in (
        await api.post("/v1/track", json=long, headers=WRITER),
        await api.post("/v1/track", content=b" " * LONGEST_BATCH, headers=WRITER),
        await api.post("/v1/batch", json={"batch": [long]}, headers=WRITER),
        await api.post("/v1/batch", content=endless, headers=WRITER),
        await api.post("/v1/batch", content=gzip.compress(endless * 100), headers=packed),
    ):
        assert (response.status_code, response.json()["type"]) == (413, "too-long")
    assert entries(stream) == []


async def test_an_event_and_a_batch_may_be_as_long_as_segment_says(
    api: httpx.AsyncClient, stream: Redis
) -> None:
    event = {**VIEWED, "type": "track", "properties": {"text": "x" * (LONGEST_EVENT - 200)}}
    batch = {"batch": [event] * (LONGEST_BATCH // LONGEST_EVENT), "sentAt": "2026-11-22T10:15:01Z"}
    assert (await api.post("/v1/track", json=event, headers=WRITER)).status_code == 200
    assert (await api.post("/v1/batch", json=batch, headers=WRITER)).status_code == 200
    assert [len(entry) for entry in entries(stream)] == [1, 15]


async def test_a_body_may_be_packed(api: httpx.AsyncClient, stream: Redis) -> None:
    body = gzip.compress(json.dumps({"batch": [{"type": "track", **VIEWED}]}).encode())
    packed = {**WRITER, "Content-Encoding": "gzip"}
    assert (await api.post("/v1/batch", content=body, headers=packed)).status_code == 200
    for broken in (b"", b"not gzip", body[:-9]):
        assert (await api.post("/v1/batch", content=broken, headers=packed)).status_code == 400
    other = {**WRITER, "Content-Encoding": "br"}
    assert (await api.post("/v1/batch", content=body, headers=other)).status_code == 415
    assert [len(entry) for entry in entries(stream)] == [1]


class Away:
    """A stream that can't be reached."""

    async def publish(self, events: Sequence[Event]) -> None:
        raise StreamUnavailable("ConnectionError")

    async def close(self) -> None: ...


async def test_without_the_stream_nothing_is_accepted_and_the_sender_comes_again(
    api: httpx.AsyncClient,
) -> None:
    transport: Any = api._transport
    transport.app.state.events = Away()
    messages = [{"type": "track", **VIEWED}, {"type": "screen"}]
    for path, body in (("track", VIEWED), ("batch", {"batch": messages})):
        response = await api.post(f"/v1/{path}", json=body, headers=WRITER)
        assert (response.status_code, response.json()["type"]) == (503, "stream-unavailable")
        assert int(response.headers["Retry-After"]) > 0


async def test_the_documentation_says_what_may_be_posted(api: httpx.AsyncClient) -> None:
    paths = (await api.get("/openapi.json")).json()["paths"]
    body = paths["/v1/batch"]["post"]["requestBody"]["content"]["application/json"]
    assert "messageId" in body["schema"]["properties"]["batch"]["items"]["properties"]
    assert (await api.post("/v1/batch", json=body["example"], headers=WRITER)).status_code == 200
