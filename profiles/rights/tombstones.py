"""Who was erased: late messages about them are dropped, and a file that names them is asked about."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.rights.tables import Tombstone

#: Whoever adds customers holds this lock shared; who erases takes it alone, so that afterwards everybody sees
#: the tombstone. The other one is the worker's, for the same reason.
WRITERS_LOCK = 7_426_012
_WORKER_LOCK = 7_426_002
_SHARED = text("SELECT pg_advisory_xact_lock_shared(:key)")
_ALONE = text("SELECT pg_advisory_xact_lock(:key)")
_ERASED = text(
    "SELECT pseudonym FROM profiles.tombstones WHERE pseudonym = ANY (CAST(:pseudonyms AS text[]))"
)


class ErasedCustomers(Exception):
    """Customers that were erased at their wish are not added again without asking."""

    def __init__(self, customer_ids: Collection[str]) -> None:
        super().__init__(f"{', '.join(sorted(customer_ids))}: erased at the person's wish")
        self.customer_ids = frozenset(customer_ids)


async def erased(connection: AsyncConnection, vault: Vault, ids: Collection[str]) -> set[str]:
    """Those of the ids, of customers or devices, that were erased."""
    by_pseudonym = {vault.pseudonym(one): one for one in ids}
    if not by_pseudonym:
        return set()
    found = await connection.scalars(_ERASED, {"pseudonyms": list(by_pseudonym)})
    return {by_pseudonym[pseudonym] for pseudonym in found.all()}


async def of_the_living(connection: AsyncConnection, vault: Vault, events: Sequence[Event]) -> list[Event]:
    """Events without those of people who were erased, by their customer's id or, without one, by their device's."""
    gone = await erased(connection, vault, {id_ for event in events for id_ in _ids(event)})
    return [event for event in events if not gone.intersection(_ids(event))] if gone else list(events)


async def require_none_erased(
    connection: AsyncConnection, vault: Vault, customer_ids: Collection[str]
) -> None:
    """Let a writer add these customers; nobody erases one of them before its transaction ends.

    Raises:
        ErasedCustomers
    """
    await connection.execute(_SHARED, {"key": WRITERS_LOCK})
    found = await erased(connection, vault, customer_ids)
    if found:
        raise ErasedCustomers(found)


async def put(connection: AsyncConnection, vault: Vault, ids: Collection[str]) -> None:
    """Note that these ids are erased. Call it before their rows are deleted, in a transaction of its own."""
    for key in (_WORKER_LOCK, WRITERS_LOCK):
        await connection.execute(_ALONE, {"key": key})
    rows = [{"pseudonym": vault.pseudonym(one)} for one in sorted(ids)]
    if rows:
        await connection.execute(insert(Tombstone).on_conflict_do_nothing(), rows)


def _ids(event: Event) -> tuple[str, ...]:
    """Whose an event is, as it was sent."""
    given = (event.user_id or event.anonymous_id, event.previous_id)
    return tuple(id_ for id_ in given if id_ is not None)


async def lift(connection: AsyncConnection, vault: Vault, ids: Collection[str]) -> int:
    """Let erased people come back, when they wish it; gives how many were erased."""
    gone = delete(Tombstone).where(Tombstone.pseudonym.in_([vault.pseudonym(one) for one in ids]))
    return (await connection.execute(gone)).rowcount
