"""Applies events to customers: a handler that knows a database connection and nothing of streams.

What results is a function of the set of events: any order and any repetition of them gives the same profile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.events.sealing import split
from profiles.identity.golden import golden_ids
from profiles.identity.links import resolve
from profiles.quality.schemas import registry
from profiles.rights.tombstones import of_the_living
from profiles.traits.write import write_traits
from profiles.worker import statements
from profiles.worker.contacts import NoContact, add_contacts, contact_of
from profiles.worker.moving import move_events
from profiles.worker.refusals import purpose_of, refusals_of
from profiles.worker.telling import traits_of

#: Stands for the customer of a contact whose customer is not known yet.
_NOBODY = "nobody"


@dataclass(frozen=True)
class DeadEvent:
    """An event that can't be applied, and why."""

    event: Event
    reason: str


@dataclass(frozen=True)
class Applied:
    """What became of some events.

    Attributes:
        added: how many were new.
        dropped: how many were refused by consent, or are about people who were erased.
        customers: whose profiles have to follow.
        told: of these, those of whom an attribute is another one now.
        dead: what could not be applied.
        new: the ids of those that were new.
    """

    added: int
    dropped: int
    customers: frozenset[str]
    told: frozenset[str] = frozenset()
    dead: tuple[DeadEvent, ...] = ()
    new: frozenset[str] = frozenset()


async def apply_events(connection: AsyncConnection, vault: Vault, events: Sequence[Event]) -> Applied:
    """Apply events within the transaction of the connection; events that are known already change nothing.

    Derived attributes, segments and versions of the customers are left to the caller.
    """
    now = datetime.now(UTC)
    unique = sorted({event.message_id: event for event in events}.values(), key=lambda e: e.message_id)
    good, dead = _checked(unique)
    allowed = [event for event in good if event.consented.get(purpose_of(event)) is not False]
    await connection.execute(statements.ONE_AT_A_TIME)
    allowed = await of_the_living(connection, vault, allowed)
    golden = await golden_ids(connection, {event.user_id for event in allowed if event.user_id is not None})
    await _add_customers(connection, allowed, golden)
    resolved = await resolve(connection, vault, allowed, golden)
    named = [(event, resolved.owners[event.message_id]) for event in allowed]
    touched = {owner for _, owner in named if owner is not None}
    await connection.execute(statements.LOCK_CUSTOMERS, {"ids": sorted(touched)})
    refused = await refusals_of(connection, touched, now)
    kept = [(event, owner) for event, owner in named if (owner, purpose_of(event)) not in refused]
    rows = {"rows": _rows(vault, kept)}
    added = set((await connection.scalars(statements.ADD_EVENTS, rows)).all())
    new = [(event, owner) for event, owner in kept if owner is not None and event.message_id in added]
    await add_contacts(connection, [contact for one in new if (contact := contact_of(*one))])
    written = await write_traits(connection, vault, [trait for one in new for trait in traits_of(*one)])
    moved = await move_events(connection, vault, resolved.moving, now)
    told = written.customers | moved.told
    return Applied(
        added=len(added),
        dropped=len(good) - len(kept) + moved.dropped,
        customers=frozenset({owner for _, owner in new} | moved.customers | told),
        told=told,
        dead=tuple(dead),
        new=frozenset(added),
    )


def _checked(events: Iterable[Event]) -> tuple[list[Event], list[DeadEvent]]:
    """Events as they are kept, and those that are not as their types are declared."""
    good: list[Event] = []
    dead: list[DeadEvent] = []
    for sent in events:
        event, problems = registry().accept(sent)
        try:
            contact_of(event, _NOBODY)
        except NoContact as error:
            problems = problems or [str(error)]
        if problems:
            dead.append(DeadEvent(sent, "; ".join(problems)))
        else:
            good.append(event)
    return good, dead


async def _add_customers(
    connection: AsyncConnection, events: Iterable[Event], golden: Mapping[str, str]
) -> None:
    earliest: dict[str, datetime] = {}
    for event in events:
        if event.user_id is not None:
            customer = golden.get(event.user_id, event.user_id)
            earliest[customer] = min(event.timestamp, earliest.get(customer, event.timestamp))
    rows = {"ids": list(earliest), "times": list(earliest.values())}
    await connection.execute(statements.ADD_CUSTOMERS, rows)


def _rows(vault: Vault, named: Sequence[tuple[Event, str | None]]) -> str:
    """Rows of `profiles.events` as JSON, which the driver passes on faster than arrays."""
    rows = []
    for event, owner in named:
        document, sealed = split(vault, event)
        rows.append(
            {
                "message_id": event.message_id,
                "customer_id": owner,
                "origin_id": event.user_id,
                "anonymous_id": event.anonymous_id,
                "kind": event.type,
                "name": event.event or event.name,
                "occurred_at": event.timestamp,
                "received_at": event.received_at,
                "source": event.source,
                "document": orjson.Fragment(document),
                "sealed": sealed and sealed.hex(),
            }
        )
    return orjson.dumps(rows).decode()
