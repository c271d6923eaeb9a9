"""`work`: the worker."""

import argparse
import asyncio
from typing import Any

import uvicorn
from uvicorn.loops.auto import auto_loop_factory

from common.settings import load as load_settings
from profiles.commands.stores import open_stores, require_database
from profiles.lake.lake import Lake
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
        store, _, vault = open_stores(settings, load_segments(SEGMENTS_FILE), STATEMENT_SECONDS)
        await require_database(store)
        lake = Lake(settings.lake_folder(), store.engine, vault)
        config = uvicorn.Config(
            create_worker(store, vault, lake, settings.redis_url),
            host="127.0.0.1",
            port=settings.worker_port,
            log_config=None,
            access_log=False,
        )
        await uvicorn.Server(config).serve()

    with asyncio.Runner(loop_factory=auto_loop_factory(use_subprocess=False)) as runner:
        runner.run(work())
    return 0
