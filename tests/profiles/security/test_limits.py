"""Limits: shared by all processes, told to the caller, and no reason to fail when Redis does."""

import asyncio

import httpx
import pytest

from ops.ports import LOOPBACK, free_port
from profiles.redis_connection import connect
from profiles.security import limits as module
from profiles.security.limits import Limit, Limits, RateLimiter, load_limits
from profiles.store import Store
from tests.profiles.conftest import key, record

SLOW = Limit(per_second=0.001, burst=5)


async def granted(limiter: RateLimiter, caller: str, limit: Limit, times: int) -> int:
    answers = [await limiter.take(caller, limit) for _ in range(times)]
    return sum(answer is not None and answer.passes for answer in answers)


async def test_so_many_at_once_and_no_more(redis_url: str) -> None:
    limiter = RateLimiter(connect(redis_url))
    assert await granted(limiter, "a", SLOW, 8) == 5
    assert await granted(limiter, "b", SLOW, 1) == 1


async def test_processes_share_one_count(redis_url: str) -> None:
    limiters = [RateLimiter(connect(redis_url)) for _ in range(3)]
    passed = await asyncio.gather(*(granted(limiter, "a", SLOW, 4) for limiter in limiters))
    assert sum(passed) == 5


async def test_with_blocks_too_no_more_than_the_burst_pass(redis_url: str) -> None:
    limit = Limit(per_second=0.001, burst=1_000)
    limiters = [RateLimiter(connect(redis_url)) for _ in range(2)]
    passed = await asyncio.gather(*(granted(limiter, "a", limit, 700) for limiter in limiters))
    assert 1_000 - 2 * 1_000 // module.BLOCK_PART <= sum(passed) <= 1_000


async def test_what_is_left_counts_down_and_comes_back(redis_url: str) -> None:
    limiter = RateLimiter(connect(redis_url))
    fast = Limit(per_second=1_000, burst=3)
    left = []
    for _ in range(3):
        allowance = await limiter.take("a", SLOW)
        assert allowance is not None
        left.append(allowance.left)
    assert left == [4, 3, 2]
    assert await granted(limiter, "b", fast, 3) == 3
    async with asyncio.timeout(2):
        while await granted(limiter, "b", fast, 1) == 0:
            pass


async def test_what_is_remembered_of_callers_is_bounded(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BLOCKS", 3)
    limiter = RateLimiter(connect(redis_url))
    for number in range(5):
        await limiter.take(f"one of many {number}", SLOW)
        await limiter.take(f"service {number}", Limit(per_second=1, burst=1_000))
    assert list(limiter._blocks) == ["service 2", "service 3", "service 4"]
    assert len(limiter._asking) == 0


async def test_without_redis_everybody_passes(caplog: pytest.LogCaptureFixture) -> None:
    limiter = RateLimiter(connect(f"redis://{LOOPBACK}:{free_port()}/0"))
    assert [await limiter.take("a", SLOW) for _ in range(10)] == [None] * 10


def test_the_most_exact_limit_holds() -> None:
    limits = Limits(
        version=1,
        default=SLOW,
        roles={"read": Limit(per_second=1, burst=1)},
        callers={"web": Limit(per_second=2, burst=2)},
        token=SLOW,
    )
    assert [limits.of(*caller).burst for caller in (("web", "read"), ("x", "read"), ("x", "agent"))] == [
        2,
        1,
        5,
    ]


async def test_callers_hear_what_is_left_and_when_to_come_back(
    api: httpx.AsyncClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.write([record()])
    limits = load_limits().model_copy(update={"callers": {"reader": Limit(per_second=0.1, burst=2)}})
    transport = api._transport
    assert isinstance(transport, httpx.ASGITransport)
    monkeypatch.setattr(transport.app.state.access, "limits", limits)  # type: ignore[attr-defined]
    answers = [await api.get("/api/customer/C000001", headers=key("read")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"caller";q=2;w=20'
    assert [answer.headers["RateLimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0"]
    refused = answers[2]
    assert (refused.json()["type"], refused.headers["content-type"]) == (
        "too-many-requests",
        "application/problem+json",
    )
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    other = await api.post("/api/lookup", json={"email": "a@example.org"}, headers=key("write"))
    assert other.status_code == 200
