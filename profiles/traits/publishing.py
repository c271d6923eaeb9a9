"""Publishes versions of the schema, and goes back to earlier ones."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.cache import Change
from profiles.crypto import Vault
from profiles.statements import note_invalidations
from profiles.store import Store
from profiles.traits.comparing import Comparison, compare
from profiles.traits.declared import Schema, parse
from profiles.traits.settle import settle_pairs
from profiles.traits.tables import PublishedSchema
from profiles.traits.versions import schema_in_force

BATCH = 1000
#: One publication at a time.
_LOCK = text("SELECT pg_advisory_xact_lock(7426010)")
_TAKE_OUT = text("""
    UPDATE profiles.customers SET traits = traits - CAST(:names AS text[]),
        traits_until = traits_until - CAST(:names AS text[])
    WHERE traits ?| CAST(:names AS text[])
""")
_DELETE = text("DELETE FROM profiles.traits WHERE name = ANY (CAST(:names AS text[]))")
_NEXT = text("""
    SELECT DISTINCT customer_id FROM profiles.traits
    WHERE customer_id > :after AND name = ANY (CAST(:names AS text[]))
    ORDER BY customer_id LIMIT :limit
""")
#: Cached views of these versions are shown no more.
_NEW_VERSIONS = text("""
    UPDATE profiles.customers SET version = version + 1, updated_at = :now
    WHERE customer_id IN (SELECT customer_id FROM profiles.customers WHERE customer_id > :after
        ORDER BY customer_id LIMIT :limit FOR NO KEY UPDATE)
    RETURNING customer_id, version
""")

Progress = Callable[[int], None]


class NotPublished(ValueError):
    """The version can't be published; one line for each reason."""


async def preview(store: Store, schema: Schema) -> Comparison:
    """What publishing `schema` would change; its version must follow the one that is in force."""
    async with store.engine.connect() as connection:
        before, published = await _highest(connection), await schema_in_force(connection)
    comparison = compare(published, schema) if before else _first(schema)
    faults = list(comparison.faults)
    if comparison.lines and schema.version != before + 1:
        faults.append(
            f"attributes.yml says version {schema.version}; the next one is {before + 1}: write that there"
        )
    return Comparison(**{**vars(comparison), "faults": tuple(faults)})


async def publish(store: Store, vault: Vault, schema: Schema, progress: Progress) -> Comparison:
    """Make `schema` the one in force, and find anew what counts where it changes that.

    Values of attributes that it no longer has are deleted.

    Raises:
        NotPublished: nothing is changed then.
    """
    comparison = await preview(store, schema)
    if comparison.faults:
        raise NotPublished("\n".join(comparison.faults))
    if comparison.lines:
        await _put(store, schema, comparison, restores=None)
        await _follow(store, vault, schema, comparison, progress)
    return comparison


async def roll_back(
    store: Store, vault: Vault, to: int | None, progress: Progress, *, dry_run: bool = False
) -> tuple[Schema, Comparison]:
    """Publish the content of an earlier version (by default that before the one in force) as a new one.

    Values of attributes that this takes away are kept, unseen, for a later version that has them again.

    Raises:
        NotPublished: there is no such version.
    """
    async with store.engine.connect() as connection:
        highest, published = await _highest(connection), await schema_in_force(connection)
        wanted = to if to is not None else await _origin(connection, highest) - 1
        query = select(PublishedSchema.content).where(PublishedSchema.version == wanted)
        content = await connection.scalar(query)
    if content is None or wanted == highest:
        raise NotPublished(
            f"there is no version {wanted} to go back to; in force is {highest or 'no version'}"
        )
    schema = parse({**content, "version": highest + 1}, f"published version {wanted}")
    comparison = compare(published, schema, rollback=True)
    if not dry_run:
        await _put(store, schema, comparison, restores=wanted)
        await _follow(store, vault, schema, comparison, progress)
    return schema, comparison


async def finish(store: Store, vault: Vault, progress: Progress) -> bool:
    """Bring customers up to date after a publication that was ended before all had followed; says if it was."""
    async with store.engine.connect() as connection:
        query = select(PublishedSchema.version).where(PublishedSchema.followed_at.is_(None)).limit(1)
        left_behind = await connection.scalar(query) is not None
        schema = await schema_in_force(connection)
    if left_behind:
        everything = compare(schema.model_copy(update={"attributes": ()}), schema)
        await _follow(store, vault, schema, everything, progress)
    return left_behind


async def settle_all(store: Store, vault: Vault, names: frozenset[str], progress: Progress) -> None:
    """Find anew what counts of these attributes for everybody, in batches."""
    after = ""
    while names:
        async with store.engine.begin() as connection:
            parameters = {"after": after, "names": sorted(names), "limit": BATCH}
            ids = list((await connection.scalars(_NEXT, parameters)).all())
            if not ids:
                return
            now = datetime.now(UTC)
            schema = await schema_in_force(connection)
            pairs = [(customer_id, name) for customer_id in ids for name in names]
            changed = sorted(await settle_pairs(connection, vault, schema, pairs, now))
            changes = await store.follow_up(connection, changed, now, forget_stale=True)
        await store.tell_cache(changes)
        after = ids[-1]
        progress(len(ids))


async def _put(store: Store, schema: Schema, comparison: Comparison, *, restores: int | None) -> None:
    by = acting()
    async with store.engine.begin() as connection:
        await connection.execute(_LOCK)
        if await _highest(connection) != schema.version - 1:
            raise NotPublished("somebody else has published meanwhile; look at what, and try again")
        row = {
            "version": schema.version,
            "content": schema.model_dump(mode="json"),
            "restores": restores,
            "published_by": by.who,
        }
        await connection.execute(insert(PublishedSchema), row)
        if comparison.removed:
            names = {"names": sorted(comparison.removed)}
            await connection.execute(_TAKE_OUT, names)
            if restores is None:
                await connection.execute(_DELETE, names)
        await note(
            connection, [Entry(by.who, f"attributes: published version {schema.version}", None, by.why)]
        )


async def _follow(
    store: Store, vault: Vault, schema: Schema, comparison: Comparison, progress: Progress
) -> None:
    """What counts, and what is cached, after the schema has changed."""
    await settle_all(store, vault, comparison.unsettled, progress)
    if comparison.views_change:
        await _forget_views(store)
    async with store.engine.begin() as connection:
        followed = update(PublishedSchema).where(
            PublishedSchema.version <= schema.version, PublishedSchema.followed_at.is_(None)
        )
        await connection.execute(followed.values(followed_at=datetime.now(UTC)))


async def _forget_views(store: Store) -> None:
    after = ""
    while True:
        async with store.engine.begin() as connection:
            parameters = {"after": after, "limit": BATCH, "now": datetime.now(UTC)}
            rows = (await connection.execute(_NEW_VERSIONS, parameters)).all()
            changes = [Change(row.customer_id, row.version, forget_stale=True) for row in rows]
            await note_invalidations(connection, changes)
        if not changes:
            return
        await store.tell_cache(changes)
        after = max(change.customer_id for change in changes)


def _first(schema: Schema) -> Comparison:
    """The first publication: what it says is what the files have said so far."""
    return Comparison(
        lines=(f"+ {len(schema.attributes)} attributes and the source matrix",),
        faults=(),
        added=frozenset(schema.by_name),
        removed=frozenset(),
        unsettled=frozenset(),
        views_change=False,
    )


async def _highest(connection: AsyncConnection) -> int:
    return await connection.scalar(select(func.max(PublishedSchema.version))) or 0


async def _origin(connection: AsyncConnection, version: int) -> int:
    """The version whose content this version first had."""
    query = select(PublishedSchema.restores).where(PublishedSchema.version == version)
    return await connection.scalar(query) or version
