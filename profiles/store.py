"""Reads and writes of customers. Every write bumps the version and deletes the customer's cached views."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from redis import RedisError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from common.logs import get_logger
from profiles import statements
from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.cache import Change, ViewCache
from profiles.consent import in_force
from profiles.crypto import Vault
from profiles.following import follow_up
from profiles.identity.golden import golden_id, note_moved, require_unmerged
from profiles.mistakes import Mistake
from profiles.protocol import CustomerView, Interaction, Purpose, UnknownCustomer
from profiles.records import ConsentStatement, CustomerRecord
from profiles.rights.tombstones import require_none_erased
from profiles.segments import Segments
from profiles.tables import Customer, Invalidation
from profiles.traits.earlier import EarlierView, view_at
from profiles.traits.records import keep_records
from profiles.traits.versions import schema_in_force
from profiles.views import read_views, statements_of

log = get_logger(__name__)

INVALIDATION_BATCH = 500


class InteractionTaken(Mistake):
    """The interaction id belongs to another customer."""

    def __init__(self) -> None:
        super().__init__("an interaction id belongs to another customer")


class Store:
    """All customers.

    Args:
        engine: the database.
        cache: where views are kept for reading; may fail at any time.
        vault: seals what is sensitive.
        segments: evaluated for a customer at each of their writes.
    """

    def __init__(self, engine: AsyncEngine, cache: ViewCache, vault: Vault, segments: Segments) -> None:
        self.engine = engine
        self._cache = cache
        self.vault = vault
        self._segments = segments

    async def view(self, customer_id: str, purpose: Purpose) -> CustomerView:
        """The customer as `purpose` may see them now, consent and its expiry applied; also put into the cache.

        An id that was merged into another customer is answered with that one.

        Raises:
            UnknownCustomer
        """
        views = await self.views([customer_id], purpose)
        if not views:
            async with self.engine.connect() as connection:
                views = await self.views([await golden_id(connection, customer_id)], purpose)
        if not views:
            raise UnknownCustomer(customer_id)
        return views[0]

    async def views(self, customer_ids: Sequence[str], purpose: Purpose) -> list[CustomerView]:
        """Those of the customers that exist, in their order, as `view` gives them."""
        now = datetime.now(UTC)
        async with self.engine.connect() as connection:
            found = await read_views(connection, self._segments, customer_ids, purpose, now)
        try:
            for read in found.values():
                await self._cache.store(read.view, now, read.until)
        except RedisError as error:
            log.warning("views not cached", error=error)
        return [found[customer_id].view for customer_id in customer_ids if customer_id in found]

    async def view_at(self, customer_id: str, purpose: Purpose, at: datetime) -> EarlierView:
        """The customer as they were at a time; what may be seen of them is as of now. Never cached.

        Raises:
            UnknownCustomer
        """
        async with self.engine.connect() as connection:
            golden = await golden_id(connection, customer_id)
            return await view_at(connection, self._segments, golden, purpose, at)

    async def record_interaction(self, interaction: Interaction) -> int:
        """Add or replace an interaction; attributes and segments follow.

        Returns:
            The customer's new version.

        Raises:
            UnknownCustomer, InteractionTaken
        """
        now = datetime.now(UTC)
        async with self.engine.begin() as connection:
            customer_id = await _lock(connection, interaction.customer_id)
            stored = interaction.model_copy(update={"customer_id": customer_id})
            if not await statements.upsert_interactions(connection, [stored]):
                raise InteractionTaken
            if customer_id != interaction.customer_id:
                key = {"interaction_id": interaction.interaction_id}
                await note_moved(connection, interaction.customer_id, "profiles.interactions", key)
            changes = await self.follow_up(connection, [customer_id], now, forget_stale=False)
            await self._note(connection, "changed: interaction", [customer_id])
        await self.tell_cache(changes)
        return changes[0].version

    async def state_consent(self, customer_id: str, statement: ConsentStatement) -> dict[Purpose, bool]:
        """Note what a customer said about a purpose; no copy made under the old consent is shown again.

        Returns:
            What is allowed now.

        Raises:
            UnknownCustomer
        """
        now = datetime.now(UTC)
        async with self.engine.begin() as connection:
            customer_id = await _lock(connection, customer_id)
            await statements.upsert_consents(connection, [(customer_id, statement)])
            said = (await statements_of(connection, [customer_id]))[customer_id]
            changes = await self.follow_up(connection, [customer_id], now, forget_stale=True)
            await self._note(connection, f"changed: consent {statement.purpose}", [customer_id])
        await self.tell_cache(changes)
        return in_force(said, now)

    async def write(self, records: Sequence[CustomerRecord]) -> None:
        """Add or replace customers as a whole; their consents and interactions are added to those known.

        Raises:
            InteractionTaken, MergedAway, ErasedCustomers: nothing is written then.
        """
        now = datetime.now(UTC)
        # In one order everywhere, so that two writers can't wait for each other.
        unique = sorted(
            {record.customer_id: record for record in records}.values(), key=lambda r: r.customer_id
        )
        if not unique:
            return
        async with self.engine.begin() as connection:
            await require_none_erased(connection, self.vault, [record.customer_id for record in unique])
            await require_unmerged(connection, [record.customer_id for record in unique])
            rows = [self._row(record, now) for record in unique]
            await connection.execute(statements.upsert_customers(), rows)
            await keep_records(connection, self.vault, rows, unique, now)
            said = [(record.customer_id, statement) for record in unique for statement in record.consents]
            await statements.upsert_consents(connection, said)
            # What the record holds has been checked, so its contacts need no second check.
            contacts = [
                Interaction.model_construct(customer_id=record.customer_id, **dict(contact))
                for record in unique
                for contact in record.interactions
            ]
            if not await statements.upsert_interactions(connection, contacts):
                raise InteractionTaken
            ids = [record.customer_id for record in unique]
            changes = await self.follow_up(connection, ids, now, forget_stale=True)
            await self._note(connection, "changed: record", ids)
        await self.tell_cache(changes)

    async def recompute_segments(self) -> int:
        """Bring all customers' memberships up to date in SQL: after a change of rules, and as time goes by.

        Returns:
            How many customers changed segment.
        """
        now = datetime.now(UTC)
        async with self.engine.begin() as connection:
            await connection.execute(text(statements.LOCK_ALL))
            members = self._segments.members_sql(await schema_in_force(connection))
            sql = statements.replace_all_memberships(members)
            changed = (await connection.scalars(text(sql), {"today": now.date(), "now": now})).all()
            await self._note(connection, "changed: segments", changed)
        await self.invalidate_pending()
        return len(changed)

    async def invalidate_pending(self) -> None:
        """Delete the cached views of committed writes that could not be deleted at the time."""
        while True:
            query = select(Invalidation).limit(INVALIDATION_BATCH)
            async with self.engine.connect() as connection:
                rows = (await connection.execute(query)).all()
            changes = [Change(row.customer_id, row.version, row.forget_stale) for row in rows]
            if not changes or not await self.tell_cache(changes):
                return

    async def follow_up(
        self,
        connection: AsyncConnection,
        customer_ids: Sequence[str],
        now: datetime,
        *,
        forget_stale: bool,
        if_changed: Collection[str] = (),
    ) -> list[Change]:
        """What each write ends with, see `following.follow_up`."""
        return await follow_up(
            connection,
            self._segments,
            customer_ids,
            now,
            forget_stale=forget_stale,
            if_changed=if_changed,
        )

    async def _note(self, connection: AsyncConnection, what: str, customer_ids: Sequence[str]) -> None:
        """Write to the audit log, as the last thing in the transaction of a change, who made it and why."""
        by = acting()
        entries = [Entry(by.who, what, self.vault.pseudonym(one), by.why) for one in customer_ids]
        await note(connection, entries)

    async def tell_cache(self, changes: Sequence[Change]) -> bool:
        """Delete the cached views of committed writes; if that fails it is tried again later.

        Returns:
            Whether they are deleted.
        """
        try:
            for start in range(0, len(changes), INVALIDATION_BATCH):
                await self._cache.forget(changes[start : start + INVALIDATION_BATCH])
        except RedisError as error:
            log.warning("cached views not deleted yet; will be retried", customers=len(changes), error=error)
            return False
        async with self.engine.begin() as connection:
            await statements.clear_invalidations(connection, changes)
        return True

    def _row(self, record: CustomerRecord, now: datetime) -> dict[str, Any]:
        def seal(field: str, value: str | None) -> bytes | None:
            return None if value is None else self.vault.seal(record.customer_id, field, value)

        return {
            "customer_id": record.customer_id,
            "version": 0,
            "tier": record.tier,
            "first_name": record.first_name,
            "preferred_channel": record.preferred_channel,
            "signed_up_at": record.signed_up_at,
            "last_name": seal("last_name", record.last_name),
            "email": seal("email", record.email),
            "phone": seal("phone", record.phone),
            "address": seal("address", record.address.model_dump_json() if record.address else None),
            "birth_date": seal("birth_date", record.birth_date.isoformat() if record.birth_date else None),
            "email_index": record.email and self.vault.blind_index("email", record.email),
            "phone_index": record.phone and self.vault.blind_index("phone", record.phone),
            "facts": record.facts.model_dump(exclude_none=True),
            "facts_at": now,
            "updated_at": now,
        }


async def _lock(connection: AsyncConnection, customer_id: str) -> str:
    """Lock a customer, or the one that this one was merged into; gives whose id it is."""
    golden = await golden_id(connection, customer_id)
    query = select(Customer.version).where(Customer.customer_id == golden).with_for_update(key_share=True)
    if await connection.scalar(query) is None:
        raise UnknownCustomer(customer_id)
    return golden
