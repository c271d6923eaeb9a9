"""Deletes what has been kept long enough: by store (`data/privacy/stores.yml`) and by attribute."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.lake.lake import Lake
from profiles.lake.tables import LakeFile
from profiles.rights.places import Surroundings
from profiles.rights.stores import FileStore, RedisStore, Retention, TableStore
from profiles.rights.tables import RightsJob
from profiles.traits.settle import forget_expired
from profiles.traits.versions import schema_in_force

#: Rows that are deleted together, so that nobody waits long for a lock.
BATCH = 5_000
ATTRIBUTES = "attributes whose time is over"
EXPORTS = "exports that were not fetched in time"
_DAY_SECONDS = 86_400

_EXPIRED = text("""
    SELECT count(*) FROM profiles.traits AS t
    JOIN unnest(CAST(:names AS text[]), CAST(:days AS integer[])) AS r (name, days) USING (name)
    WHERE t.at <= :now - r.days * interval '1 day' OR t.expires_at <= :now
""")


async def run(around: Surroundings, *, dry_run: bool = False, now: datetime | None = None) -> dict[str, int]:
    """Delete what is over, or only count it; by store, where there is any. Noted in the audit log."""
    moment = now or datetime.now(UTC)
    counts = {title: count async for title, count in _runs(around, moment, dry_run) if count}
    if not dry_run:
        by = acting()
        said = f"{sum(counts.values())} entries of {len(counts)} stores"
        async with around.engine.begin() as connection:
            await note(connection, [Entry(by.who, "retention", None, said)])
    return counts


async def _runs(around: Surroundings, now: datetime, dry_run: bool) -> AsyncIterator[tuple[str, int]]:
    yield ATTRIBUTES, await _attributes(around, now, dry_run)
    yield EXPORTS, await _exports(around, now, dry_run)
    for store in around.stores.stores:
        if store.retention is not None:
            yield store.title, await _table(around, store, store.retention, now, dry_run)
    for redis in around.stores.redis:
        if redis.stream is not None and redis.retention_days is not None:
            yield redis.title, await _stream(around, redis, redis.retention_days, now, dry_run)
    for file in around.stores.files:
        days = _lake if file.kind == "lake" else _logs
        yield file.title, await days(around, file, now, dry_run)


async def _attributes(around: Surroundings, now: datetime, dry_run: bool) -> int:
    async with around.engine.begin() as connection:
        if dry_run:
            return await _expired(connection, now)
        return await forget_expired(connection, around.vault, now)


async def _expired(connection: AsyncConnection, now: datetime) -> int:
    kept = [one for one in (await schema_in_force(connection)).attributes if one.held != "derived"]
    asked = {"names": [one.name for one in kept], "days": [one.retention_days for one in kept], "now": now}
    return int(await connection.scalar(_EXPIRED, asked) or 0)


async def _exports(around: Surroundings, now: datetime, dry_run: bool) -> int:
    over = (RightsJob.document.is_not(None)) & (RightsJob.expires_at <= now)
    async with around.engine.begin() as connection:
        if dry_run:
            query = select(func.count()).select_from(RightsJob).where(over)
            return int(await connection.scalar(query) or 0)
        return (await connection.execute(update(RightsJob).where(over).values(document=None))).rowcount


async def _table(
    around: Surroundings, store: TableStore, rule: Retention, now: datetime, dry_run: bool
) -> int:
    over = f"{rule.column} < :cutoff" + (f" AND ({rule.where})" if rule.where else "")
    given: dict[str, Any] = {"cutoff": now - timedelta(days=rule.days)}
    if dry_run:
        query = text(f"SELECT count(*) FROM {store.table} WHERE {over}")  # noqa: S608  (declared names)
        async with around.engine.connect() as connection:
            return int(await connection.scalar(query, given) or 0)
    batch = text(
        f"DELETE FROM {store.table} WHERE ctid = ANY (ARRAY("  # noqa: S608  (declared names)
        f"SELECT ctid FROM {store.table} WHERE {over} LIMIT {BATCH}))"
    )
    deleted = 0
    while True:
        async with around.engine.begin() as connection:
            count = (await connection.execute(batch, given)).rowcount
        deleted += count
        if count < BATCH:
            return deleted


async def _stream(around: Surroundings, store: RedisStore, days: int, now: datetime, dry_run: bool) -> int:
    oldest = f"{int((now - timedelta(days=days)).timestamp() * 1000)}-0"
    stream = store.stream or ""
    if dry_run:
        return len(await around.redis.xrange(stream, max=f"({oldest}") or ())
    return int(await around.redis.xtrim(stream, minid=oldest, approximate=False))


async def _lake(around: Surroundings, store: FileStore, now: datetime, dry_run: bool) -> int:
    first = (now - timedelta(days=store.retention_days)).date()
    if dry_run:
        query = select(func.count()).select_from(LakeFile).where(LakeFile.day < first)
        async with around.engine.connect() as connection:
            return int(await connection.scalar(query) or 0)
    return await Lake(around.state / store.folder, around.engine, around.vault).drop_before(first)


async def _logs(around: Surroundings, store: FileStore, now: datetime, dry_run: bool) -> int:
    """Files that nobody has written to for so long."""
    before = now.timestamp() - store.retention_days * _DAY_SECONDS
    old = [
        file
        for file in (around.state / store.folder).glob(store.pattern)
        if file.is_file() and file.stat().st_mtime < before
    ]
    if not dry_run:
        for file in old:
            file.unlink(missing_ok=True)
    return len(old)
