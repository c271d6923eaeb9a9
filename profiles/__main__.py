"""`python -m profiles`: the service, and the commands that trainers and operators need."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import uvicorn

from common import logs
from common.settings import load as load_settings
from profiles import bulk, database, redis_connection
from profiles.api import create_app
from profiles.cache import ViewCache
from profiles.conditions import ConditionError, describe
from profiles.crypto import Vault
from profiles.keys import UnusableKeys, parse_keys, replace_keys
from profiles.segments import Segments
from profiles.segments import load as load_segments
from profiles.settings import SEGMENTS_FILE, ServerSettings, StoreSettings
from profiles.store import InteractionTaken, Store

SERVICE_STATEMENT_SECONDS = 5
COMMAND_STATEMENT_SECONDS = 600
#: Longer than the clients keep theirs, so that none is closed under a request.
KEEP_ALIVE_SECONDS = 75

T = TypeVar("T")


def main() -> None:
    """Run one command; a mistake of the user's is one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m profiles", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve the API")
    commands.add_parser("check", help="check data/decisions/segments.yml and say it in plain words")
    commands.add_parser("segments", help="bring all customers' segments up to date")
    loading = commands.add_parser("load", help="add or replace customers from a JSONL file")
    loading.add_argument("--input", type=Path, required=True, help="one customer a line")
    arguments = parser.parse_args()
    logs.configure("profiles")
    try:
        match arguments.command:
            case "serve":
                serve()
            case "check":
                check()
            case "segments":
                changed = asyncio.run(_with_store(lambda store: store.recompute_segments()))
                print(f"{changed} customers changed segment")
            case "load":
                count = asyncio.run(_with_store(lambda store: bulk.load(store, arguments.input)))
                print(f"{count} customers loaded")
    except (ConditionError, UnusableKeys, bulk.BadRecord, OSError) as error:
        raise SystemExit(f"profiles: {error}") from None
    except InteractionTaken:
        raise SystemExit("profiles: an interaction id of the file belongs to another customer") from None


def check() -> None:
    """Print the segments in plain words.

    Raises:
        ConditionError: names every mistake in the file.
    """
    segments = load_segments(SEGMENTS_FILE)
    for segment in segments.segments:
        print(f"{segment.name}: {describe(segment.when)}")
    print(f"{segments.otherwise}: otherwise")


def serve() -> None:
    """Serve until stopped."""
    settings = load_settings(ServerSettings)
    segments = load_segments(SEGMENTS_FILE)
    callers = parse_keys(settings.profiles_keys.get_secret_value())

    async def run() -> None:
        store, views, vault = _open(settings, segments, SERVICE_STATEMENT_SECONDS)
        await _require_database(store)
        await replace_keys(store.engine, callers)
        config = uvicorn.Config(
            create_app(store, views, vault),
            host="127.0.0.1",
            port=settings.profiles_port,
            log_config=None,
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        await uvicorn.Server(config).serve()

    asyncio.run(run())


async def _with_store(work: Callable[[Store], Awaitable[T]]) -> T:
    store, views, _ = _open(
        load_settings(StoreSettings), load_segments(SEGMENTS_FILE), COMMAND_STATEMENT_SECONDS
    )
    try:
        await _require_database(store)
        return await work(store)
    finally:
        await views.close()
        await store.engine.dispose()


def _open(
    settings: StoreSettings, segments: Segments, statement_seconds: int
) -> tuple[Store, ViewCache, Vault]:
    vault = Vault(settings.data_key_bytes())
    views = ViewCache(redis_connection.connect(settings.redis_url))
    return (
        Store(database.connect(settings.database_url, statement_seconds), views, vault, segments),
        views,
        vault,
    )


async def _require_database(store: Store) -> None:
    problem = await database.problem_with(store.engine)
    if problem:
        raise SystemExit(f"profiles: {problem}")


if __name__ == "__main__":
    main()
