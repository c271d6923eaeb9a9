"""Whether this server and all that it needs can serve."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from web.chat.database import Database, DatabaseUnavailable

_CHECK_SECONDS = 1.5
_KEEP_SECONDS = 1.0

#: A check returns what is wrong, or null.
Check = Callable[[], Awaitable[str | None]]


class Health:
    """Checks all services at the same time, at most once a second however often it is asked."""

    def __init__(self, checks: dict[str, Check]) -> None:
        self._checks = checks
        self._lock = asyncio.Lock()
        self._report: dict[str, Any] = {}
        self._valid_until = 0.0

    async def report(self) -> dict[str, Any]:
        """The document of `GET /health`."""
        async with self._lock:
            if time.monotonic() >= self._valid_until:
                states = await asyncio.gather(*(self._state(check) for check in self._checks.values()))
                self._report = _document(dict(zip(self._checks, states, strict=True)))
                self._valid_until = time.monotonic() + _KEEP_SECONDS
            return self._report

    async def _state(self, check: Check) -> dict[str, Any]:
        began = time.monotonic()
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                wrong = await check()
        except TimeoutError:
            wrong = f"no answer within {_CHECK_SECONDS} s"
        except Exception as error:
            wrong = f"can't be reached ({type(error).__name__})"
        spent = round((time.monotonic() - began) * 1000, 1)
        if wrong is None:
            return {"status": "ready", "milliseconds": spent}
        return {"status": "failing", "reason": wrong, "milliseconds": spent}


def _document(services: dict[str, dict[str, Any]]) -> dict[str, Any]:
    failing = [f"{name}: {state['reason']}" for name, state in services.items() if state["status"] != "ready"]
    if failing:
        return {
            "status": "failing",
            "service": "web",
            "reason": f"Not ready: {'; '.join(failing)}",
            "services": services,
        }
    return {"status": "ready", "service": "web", "services": services}


def checks(
    database: Database, redis: Redis, client: httpx.AsyncClient, urls: dict[str, str]
) -> dict[str, Check]:
    """The checks of PostgreSQL, Redis and of each HTTP service by its base URL."""

    async def postgres() -> str | None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(text("SELECT 1 FROM chat.conversations LIMIT 1"))

        try:
            await database.run(work, patience=0)
        except DatabaseUnavailable:
            return "can't be reached"
        return None

    async def redis_answers() -> str | None:
        await redis.ping()
        return None

    def service(url: str) -> Check:
        async def ask() -> str | None:
            response = await client.get(f"{url}/health")
            return None if response.is_success else f"status {response.status_code}"

        return ask

    return {
        "postgres": postgres,
        "redis": redis_answers,
        **{name: service(url) for name, url in urls.items()},
    }
