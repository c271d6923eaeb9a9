"""`serve`: the API."""

import argparse
import asyncio
import os
from typing import Any

import uvicorn
from redis.asyncio import Redis
from uvicorn.loops.auto import auto_loop_factory

from common.settings import load as load_settings
from profiles.api import create_app
from profiles.audit.cached_reads import CachedReads
from profiles.audit.settings import AuditSettings
from profiles.audit.watch import watch
from profiles.commands.stores import open_stores, require_database
from profiles.crypto import Vault
from profiles.events.stream import RedisEventStream
from profiles.keys import parse_keys, replace_keys
from profiles.quality.watch import watch as watch_quality
from profiles.security.keyring import DatabaseKeys, KeyRing
from profiles.security.tokens import Tokens
from profiles.segments import load as load_segments
from profiles.settings import SEGMENTS_FILE, ServerSettings
from profiles.store import Store

STATEMENT_SECONDS = 5
REDIS_SECONDS = 5
#: Longer than the clients keep theirs, so that none is closed under a request.
KEEP_ALIVE_SECONDS = 75


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser("serve", help="serve the API")
    return parser


def run(_options: argparse.Namespace) -> int:
    """Serve until stopped.

    Raises:
        ConditionError, UnusableKeys
    """
    settings = load_settings(ServerSettings)
    segments = load_segments(SEGMENTS_FILE)
    callers = parse_keys(settings.profiles_keys.get_secret_value())

    audit = load_settings(AuditSettings)
    audit.keys()  # an unusable one is said at once

    async def serve() -> None:
        signing = KeyRing(DatabaseKeys(settings.database_url, settings.data_key_bytes(), "tokens"))
        store, views, vault = open_stores(settings, segments, STATEMENT_SECONDS)
        await require_database(store)
        await replace_keys(store.engine, callers)
        config = uvicorn.Config(
            create_app(store, views, vault, RedisEventStream(settings.redis_url, vault), Tokens(signing)),
            host="127.0.0.1",
            port=settings.profiles_port,
            log_config=None,
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        watching = asyncio.gather(
            watch(store.engine, audit),
            note_cached_reads(settings, store, vault),
            watch_quality(store.engine),
        )
        await uvicorn.Server(config).serve()
        watching.cancel()

    with asyncio.Runner(loop_factory=auto_loop_factory(use_subprocess=False)) as runner:
        runner.run(serve())
    return 0


async def note_cached_reads(settings: ServerSettings, store: Store, vault: Vault) -> None:
    """Write to the audit log what clients read from the cache, until cancelled."""
    async with Redis.from_url(settings.redis_url, socket_timeout=REDIS_SECONDS) as redis:
        await CachedReads(redis, store.engine, vault, f"profiles-{os.getpid()}").run()
