"""Whose an event is: the customer that it names, else the one to whom its device belongs.

A device belongs to the customer of the earliest event that links the two (by when it occurred, then by message
id), so that the outcome does not depend on the order in which events arrive.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.events.envelope import Event

_LINK = text("""
    INSERT INTO profiles.devices AS d (anonymous_id, customer_id, linked_at, message_id)
    SELECT * FROM unnest(CAST(:devices AS text[]), CAST(:owners AS text[]), CAST(:times AS timestamptz[]),
                         CAST(:messages AS text[]))
    ON CONFLICT (anonymous_id) DO UPDATE
    SET customer_id = excluded.customer_id, linked_at = excluded.linked_at, message_id = excluded.message_id
    WHERE (excluded.linked_at, excluded.message_id) < (d.linked_at, d.message_id)
    RETURNING d.anonymous_id
""")
_OWNERS = text(
    "SELECT anonymous_id, customer_id FROM profiles.devices WHERE anonymous_id = ANY (CAST(:devices AS text[]))"
)


@dataclass(frozen=True)
class Link:
    """An event that says whose a device is."""

    anonymous_id: str
    event: Event


def links_of(events: Iterable[Event]) -> list[Link]:
    """The earliest link of each device that these events tell of, in the order of the devices."""
    found: dict[str, Link] = {}
    for event in events:
        if event.user_id is None:
            continue
        device = event.anonymous_id if event.type == "identify" else event.previous_id
        if device is None:
            continue
        known = found.get(device)
        if known is None or _moment(event) < _moment(known.event):
            found[device] = Link(device, event)
    return sorted(found.values(), key=lambda link: link.anonymous_id)


async def link_devices(connection: AsyncConnection, links: Sequence[Link]) -> list[str]:
    """Note whose devices are; the customers must exist.

    Returns:
        The devices whose customer may be another one now: what was done with them has to move.
    """
    if not links:
        return []
    rows = {
        "devices": [link.anonymous_id for link in links],
        "owners": [link.event.user_id for link in links],
        "times": [link.event.timestamp for link in links],
        "messages": [link.event.message_id for link in links],
    }
    return list((await connection.scalars(_LINK, rows)).all())


async def owners_of(connection: AsyncConnection, devices: Iterable[str]) -> dict[str, str]:
    """The customers of those of the devices that have one."""
    rows = (await connection.execute(_OWNERS, {"devices": sorted(set(devices))})).all()
    return {row.anonymous_id: row.customer_id for row in rows}


def _moment(event: Event) -> tuple[object, str]:
    return event.timestamp, event.message_id
