"""Kill -9 of the worker, of Redis and of PostgreSQL under load: no accepted event is lost, and none counts twice."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from redis.asyncio import Redis

from ops.ports import free_port
from ops.postgres import Postgres
from ops.redis_server import RedisServer
from profiles import database
from profiles.events.stream import EVENTS, RedisEventStream, StreamUnavailable
from profiles.lake.lake import Lake
from profiles.worker.app import LAKE
from tests.profiles.conftest import environment
from tests.profiles.events.opening import events_in, vault_of_processes
from tests.profiles.lake.listed import days_in
from tests.profiles.worker.events import event

SECONDS_OF_LOAD = 6.0
PAUSE = 0.02


class System:
    """Durable servers with a worker, each of which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = Postgres(folder / "postgres", free_port())
        self.redis = RedisServer(folder / "redis", free_port())
        self.database_url = ""
        self._worker: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.postgres.start()
        self.redis.start()
        self.postgres.create_database("kills")
        self.database_url = self.postgres.url_of("kills")
        subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            env={**os.environ, "DATABASE_URL": self.database_url},
            check=True,
            capture_output=True,
        )
        self.start_worker()

    def start_worker(self) -> None:
        more = {"RAPPORT_WORKER_PORT": str(free_port()), "RAPPORT_STATE": str(self.folder / "state")}
        with (self.folder / "worker.log").open("ab") as log:
            self._worker = subprocess.Popen(
                [sys.executable, "-m", "profiles", "work"],
                env=environment(self.database_url, self.redis.url, **more),
                stderr=log,
            )

    def kill_worker(self) -> None:
        assert self._worker is not None
        self._worker.kill()
        self._worker.wait()
        self.start_worker()

    def kill_redis(self) -> None:
        assert self.redis.process is not None
        self.redis.process.kill()
        self.redis.process.wait()
        self.redis.start()

    def kill_postgres(self) -> None:
        assert self.postgres.process is not None
        server = psutil.Process(self.postgres.process.pid)
        everything = [server, *server.children(recursive=True)]
        for process in everything:
            os.kill(process.pid, signal.SIGKILL)
        self.postgres.process.wait()
        psutil.wait_procs(everything[1:])
        self.postgres.start()

    def stop(self) -> None:
        if self._worker is not None:
            self._worker.terminate()
            self._worker.wait(30)
        self.redis.stop()
        self.postgres.stop()

    def applied(self) -> tuple[set[str], int]:
        """The ids of all applied events, and how often the days count them."""
        with psycopg.connect(self.database_url) as connection:
            ids = connection.execute("SELECT message_id FROM profiles.events").fetchall()
            counted = connection.execute("SELECT sum(count) FROM profiles.daily_activity").fetchone()
        return {message_id for (message_id,) in ids}, int(counted[0] or 0) if counted else 0


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with tempfile.TemporaryDirectory(prefix="rapport-kills-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        system = System(folder)
        try:
            system.start()
            yield system
        finally:
            system.stop()


async def load(system: System, world: str, strike: Callable[[], None]) -> set[str]:
    """Post events for some seconds, as senders do: what was not accepted is sent again. Strike twice meanwhile.

    Returns:
        The ids of the accepted events.
    """
    accepted: set[str] = set()
    stream = RedisEventStream(system.redis.url, vault_of_processes(system.database_url))
    loop = asyncio.get_running_loop()
    ends = loop.time() + SECONDS_OF_LOAD
    strikes = asyncio.create_task(_twice(strike))
    number = 0
    while loop.time() < ends or not strikes.done():
        batch = [event(f"{world}-{number}-{one}", user_id=f"K{number % 7}") for one in range(5)]
        try:
            await stream.publish(batch)
        except StreamUnavailable:
            await asyncio.sleep(0.2)
            continue
        accepted |= {one.message_id for one in batch}
        number += 1
        await asyncio.sleep(PAUSE)
    await strikes
    await asyncio.sleep(1)  # a stream that notices a new Redis repeats what may be missing
    await stream.close()
    return accepted


async def _twice(strike: Callable[[], None]) -> None:
    for _ in range(2):
        await asyncio.sleep(1.5)
        await asyncio.to_thread(strike)


async def in_the_lake(system: System) -> set[str]:
    """The ids of the events that rest in the lake."""
    engine = database.connect(system.database_url, 10)
    vault = vault_of_processes(system.database_url)
    lake = Lake(system.folder / "state" / "lake" / "events", engine, vault)
    found: set[str] = set()
    for day in await days_in(engine):
        found |= set((await lake.read(day))["message_id"].to_pylist())
    await engine.dispose()
    return found


async def still_to_be_written_to_the_lake(system: System) -> set[str]:
    """The ids of the events of entries that the lake's group has not done with."""
    async with Redis.from_url(system.redis.url) as redis:
        groups: Any = await redis.xinfo_groups(EVENTS)
        [delivered] = [group["last-delivered-id"] for group in groups if group["name"] == LAKE.encode()]
        pending: Any = await redis.xpending_range(EVENTS, LAKE, "-", "+", 100_000)
        ids = {one["message_id"] for one in pending}
        entries: Any = await redis.xrange(EVENTS)
        later: Any = await redis.xrange(EVENTS, min=b"(" + delivered)
    waiting = [fields for id_, fields in entries if id_ in ids] + [fields for _, fields in later]
    vault = vault_of_processes(system.database_url)
    return {one.message_id for fields in waiting for one in events_in(vault, fields)}


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(100):
        while not await condition():  # noqa: ASYNC110  (another process)
            await asyncio.sleep(0.2)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("victim", ["worker", "redis", "postgres"])
async def test_no_accepted_event_is_lost_or_counted_twice(system: System, victim: str) -> None:
    strike = {"worker": system.kill_worker, "redis": system.kill_redis, "postgres": system.kill_postgres}
    accepted = await load(system, victim, strike[victim])
    assert len(accepted) > 100

    async def everything_is_applied() -> bool:
        return accepted <= (await asyncio.to_thread(system.applied))[0]

    await until(everything_is_applied)
    applied, counted = system.applied()
    assert counted == len(applied)
    assert accepted <= await still_to_be_written_to_the_lake(system) | await in_the_lake(system)
