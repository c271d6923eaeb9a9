"""`work`: the worker."""

import argparse
import asyncio
import contextlib
from typing import Any

import uvicorn
from redis.asyncio import Redis
from uvicorn.loops.auto import auto_loop_factory

from common.settings import load as load_settings
from profiles.commands.rights import surroundings
from profiles.commands.stores import COMMAND_STATEMENT_SECONDS, open_stores, require_database
from profiles.lake.lake import Lake
from profiles.nightly import nightly
from profiles.rights.daily import daily
from profiles.segments import load as load_segments
from profiles.settings import SEGMENTS_FILE, WorkerSettings
from profiles.worker.app import create_worker

STATEMENT_SECONDS = 60


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser("work", help="apply accepted events to customers")
    return parser


def run(_options: argparse.Namespace) -> int:
    """Work until stopped.

    Raises:
        ConditionError
    """
    settings = load_settings(WorkerSettings)

    async def work() -> None:
        segments = load_segments(SEGMENTS_FILE)
        store, _, vault = open_stores(settings, segments, STATEMENT_SECONDS)
        await require_database(store)
        # What runs by itself takes longer than events may.
        jobs, _, _ = open_stores(settings, segments, COMMAND_STATEMENT_SECONDS)
        lake = Lake(settings.lake_folder(), store.engine, vault)
        config = uvicorn.Config(
            create_worker(store, vault, lake, settings.redis_url),
            host="127.0.0.1",
            port=settings.worker_port,
            log_config=None,
            access_log=False,
        )
        redis = Redis.from_url(settings.redis_url)
        around = surroundings(jobs, redis, settings)
        by_itself = asyncio.gather(daily(jobs, around), nightly(jobs.engine))
        await uvicorn.Server(config).serve()
        by_itself.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await by_itself
        await redis.aclose()
        await jobs.engine.dispose()

    with asyncio.Runner(loop_factory=auto_loop_factory(use_subprocess=False)) as runner:
        runner.run(work())
    return 0
