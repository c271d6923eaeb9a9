"""Takes a merge back: both customers are as if it had never been, also with what has come in since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.cache import Change
from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.events.sealing import joined
from profiles.identity import statements
from profiles.identity.links import settle_email_devices
from profiles.identity.merge import DERIVED, Two, bring_up_to_date, merge_within
from profiles.identity.references import references
from profiles.identity.review import keep_apart
from profiles.rights import jobs
from profiles.store import Store
from profiles.tables import Customer
from profiles.traits.sealing import seal_for_owners
from profiles.worker.contacts import contact_of
from profiles.worker.moving import move_events
from profiles.worker.statements import ONE_AT_A_TIME


class UnknownMerge(Exception):
    """There is no such merge, or it has been undone."""


@dataclass(frozen=True)
class Unmerged:
    """The customers that are two again, and the new numbers of later merges that were taken back and made anew."""

    kept_id: str
    merged_id: str
    again: dict[int, int]


async def unmerge(store: Store, merge_id: int) -> Unmerged:
    """Undo one merge. Merges into the same customer that were made later are undone for it and made again.

    The two are not proposed or merged again. What has been recorded since goes to the one whose id it was sent with; what names neither stays with the
    kept customer, and refusals count for both.

    Raises:
        UnknownMerge
        CannotMerge: a later merge can't be made again; undo that one first.
    """
    async with store.engine.begin() as connection:
        await connection.execute(ONE_AT_A_TIME)
        target = (await connection.execute(statements.MERGE, {"merge": merge_id})).one_or_none()
        if target is None:
            raise UnknownMerge(merge_id)
        as_one = {
            target.customer_id,
            *(await connection.scalars(statements.ALIASES, {"kept": target.customer_id})),
        }
        later = (
            await connection.execute(statements.LATER_MERGES, {"kept": target.customer_id, "merge": merge_id})
        ).all()
        changes: list[Change] = []
        for one in later:
            changes += await _undo(connection, store, one.merge_id)
        changes += await _undo(connection, store, merge_id)
        await keep_apart(connection, target.kept_id, target.merged_id)
        again: dict[int, int] = {}
        for one in reversed(later):
            kept = await _holder(connection, one.merge_id)
            done, more = await merge_within(connection, store, Two(kept, one.merged_id), one.explanation)
            again[one.merge_id] = done.merge_id
            changes += more
        await jobs.withdraw_exports(connection, store.vault, as_one, target.at)
        by = acting()
        two = (target.kept_id, target.merged_id)
        entries = [
            Entry(by.who, "unmerged", store.vault.pseudonym(one), f"{by.why}: merge {merge_id}")
            for one in two
        ]
        await note(connection, entries)
    await store.tell_cache(_newest(changes))
    return Unmerged(target.kept_id, target.merged_id, again)


async def _holder(connection: AsyncConnection, merge_id: int) -> str:
    """Who is kept when an undone merge is made again: whoever has that record now."""
    row = (await connection.execute(statements.HOLDER, {"merge": merge_id})).one()
    holder: str = row.customer_id
    return holder


async def _undo(connection: AsyncConnection, store: Store, merge_id: int) -> list[Change]:
    now = datetime.now(UTC)
    row = (await connection.execute(statements.MERGE, {"merge": merge_id})).one()
    kept, merged = row.customer_id, row.merged_id
    asked = {"merge": merge_id, "kept": kept, "merged": merged}
    await connection.execute(statements.LOCK, {"kept": kept, "merged": merged})
    await connection.execute(statements.REMOVE_ALIAS, {"merge": merge_id})
    await connection.execute(statements.RESTORE_MERGED, {"merge": merge_id, "merged": merged})
    await connection.execute(
        statements.restore_kept([column.name for column in Customer.__table__.columns]),
        {"merge": merge_id, "kept": kept},
    )
    await connection.execute(statements.LEAVE_DECISIONS, {"merge": merge_id})
    found = await references(connection)
    for reference in found:
        names = {"table": reference.table, "column": reference.column}
        if reference.table not in DERIVED:
            await connection.execute(statements.put_back(reference), {"merge": merge_id} | names)
        await connection.execute(statements.move_back(reference), asked | names)
    two = {"kept": kept, "merged": merged}
    messages = list((await connection.scalars(statements.EVENTS_BACK, two)).all())
    for reference in found:
        if reference.of_events and reference.table != "profiles.events":
            await connection.execute(statements.follow_events(reference), two)
    await _contacts_back(connection, store.vault, messages, two)
    await connection.execute(statements.REFUSALS_BACK, two | {"since": row.at})
    await settle_email_devices(connection, [kept, merged])
    devices = (await connection.scalars(statements.DEVICES, two)).all()
    await move_events(connection, store.vault, devices, now)
    await connection.execute(statements.EARLIEST, two)
    await seal_for_owners(connection, store.vault, [kept, merged])
    changes = await bring_up_to_date(connection, store, [kept, merged], now)
    await connection.execute(statements.SINCE, {"merge": merge_id})
    await connection.execute(statements.FORGET_ROWS, {"merge": merge_id})
    await connection.execute(statements.UNDONE, {"merge": merge_id})
    return changes


async def _contacts_back(
    connection: AsyncConnection, vault: Vault, messages: Sequence[str], two: dict[str, str]
) -> None:
    """Contacts that events told of go with their events."""
    rows = (await connection.execute(statements.STORED_EVENTS, {"messages": list(messages)})).all()
    contacts = [contact_of(_event(vault, row), two["merged"]) for row in rows]
    ids = [contact.interaction_id for contact in contacts if contact is not None]
    await connection.execute(statements.CONTACTS_BACK, two | {"contacts": ids})


def _event(vault: Vault, row: Row[Any]) -> Event:
    return Event.model_validate(
        {
            **joined(vault, row.message_id, row.document, row.sealed),
            "message_id": row.message_id,
            "type": row.kind,
            "user_id": row.origin_id,
            "anonymous_id": row.anonymous_id,
            "event": row.name,
            "timestamp": row.occurred_at,
            "received_at": row.received_at,
            "source": row.source,
        }
    )


def _newest(changes: Sequence[Change]) -> list[Change]:
    """The highest version of each customer."""
    newest: dict[str, Change] = {}
    for change in changes:
        known = newest.get(change.customer_id)
        if known is None or known.version < change.version:
            newest[change.customer_id] = change
    return list(newest.values())
