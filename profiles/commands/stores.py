"""The stores that commands work on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg

from common.settings import load as load_settings
from profiles import database, redis_connection
from profiles.cache import ViewCache
from profiles.crypto import Vault
from profiles.security.keyring import DatabaseKeys, KeyRing, UnusableDataKey, Use
from profiles.segments import Segments
from profiles.segments import load as load_segments
from profiles.settings import SEGMENTS_FILE, StoreSettings
from profiles.store import Store

COMMAND_STATEMENT_SECONDS = 600
SEALING: tuple[Use, Use] = ("fields", "root")

T = TypeVar("T")


async def with_store(work: Callable[[Store], Awaitable[T]]) -> T:
    """Do `work` on the store that the environment names.

    Raises:
        SystemExit: the database can't be used; says why.
    """
    store, views, _ = open_stores(
        load_settings(StoreSettings), load_segments(SEGMENTS_FILE), COMMAND_STATEMENT_SECONDS
    )
    try:
        await require_database(store)
        return await work(store)
    finally:
        await views.close()
        await store.engine.dispose()


def open_stores(
    settings: StoreSettings, segments: Segments, statement_seconds: int
) -> tuple[Store, ViewCache, Vault]:
    """Customers, their cached views and the vault; statements are ended after so many seconds."""
    data_key = settings.data_key_bytes()
    fields, root = (KeyRing(DatabaseKeys(settings.database_url, data_key, use)) for use in SEALING)
    vault = Vault(data_key, fields, root)
    views = ViewCache(redis_connection.connect(settings.redis_url))
    return (
        Store(database.connect(settings.database_url, statement_seconds), views, vault, segments),
        views,
        vault,
    )


async def require_database(store: Store) -> None:
    """Raises SystemExit with the reason when the database can't be used."""
    problem = await database.problem_with(store.engine)
    if problem:
        raise SystemExit(f"profiles: {problem}")
    try:
        await asyncio.to_thread(store.vault.prepare)
    except (UnusableDataKey, psycopg.Error) as error:
        raise SystemExit(f"profiles: {error}") from None
