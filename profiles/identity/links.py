"""Links that are certain: a login names the customer, a device belongs to whoever logged in on it, an e-mail address
to whoever logged in with it.

Whose something is follows from the set of events, not from the order in which they arrive: of links that
contradict each other the earliest counts (by when it occurred, then by message id), and a login before an address.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Vault
from profiles.events.envelope import Event

_LINK_DEVICES = text("""
    INSERT INTO profiles.devices AS d (anonymous_id, customer_id, linked_at, message_id)
    SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:owners AS text[]), CAST(:times AS timestamptz[]),
                         CAST(:messages AS text[]))
    ON CONFLICT (anonymous_id) DO UPDATE
    SET customer_id = excluded.customer_id, linked_at = excluded.linked_at, message_id = excluded.message_id,
        by_email = false
    WHERE d.by_email OR (excluded.linked_at, excluded.message_id) < (d.linked_at, d.message_id)
    RETURNING d.anonymous_id
""")
_LINK_EMAILS = text("""
    INSERT INTO profiles.email_logins AS l (email_index, customer_id, linked_at, message_id)
    SELECT * FROM unnest(CAST(:keys AS bytea[]), CAST(:owners AS text[]), CAST(:times AS timestamptz[]),
                         CAST(:messages AS text[]))
    ON CONFLICT (email_index) DO UPDATE
    SET customer_id = excluded.customer_id, linked_at = excluded.linked_at, message_id = excluded.message_id
    WHERE (excluded.linked_at, excluded.message_id) < (l.linked_at, l.message_id)
    RETURNING l.email_index
""")
_NOTE_VISITS = text("""
    INSERT INTO profiles.email_visits AS v (anonymous_id, email_index, seen_at, message_id)
    SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:emails AS bytea[]), CAST(:times AS timestamptz[]),
                         CAST(:messages AS text[]))
    ON CONFLICT (anonymous_id) DO UPDATE
    SET email_index = excluded.email_index, seen_at = excluded.seen_at, message_id = excluded.message_id
    WHERE (excluded.seen_at, excluded.message_id) < (v.seen_at, v.message_id)
    RETURNING v.anonymous_id
""")
#: An address that nobody has logged in with belongs to the one customer in whose record it stands.
_LINK_BY_EMAIL = """
    WITH owned AS (
        SELECT v.anonymous_id, coalesce(l.customer_id, r.customer_id) AS customer_id, v.seen_at, v.message_id
        FROM profiles.email_visits AS v
        LEFT JOIN profiles.email_logins AS l USING (email_index)
        LEFT JOIN LATERAL (
            SELECT min(c.customer_id) AS customer_id FROM profiles.customers AS c
            WHERE c.email_index = v.email_index HAVING count(*) = 1) AS r ON true
        WHERE {which})
    INSERT INTO profiles.devices AS d (anonymous_id, customer_id, linked_at, message_id, by_email)
    SELECT anonymous_id, customer_id, seen_at, message_id, true FROM owned WHERE customer_id IS NOT NULL
    ON CONFLICT (anonymous_id) DO UPDATE
    SET customer_id = excluded.customer_id, linked_at = excluded.linked_at, message_id = excluded.message_id
    WHERE d.by_email AND (d.customer_id, d.message_id) <> (excluded.customer_id, excluded.message_id)
    RETURNING d.anonymous_id
"""
_LINK_SEEN = text(
    _LINK_BY_EMAIL.format(
        which="v.anonymous_id = ANY (CAST(:devices AS text[])) OR v.email_index = ANY (CAST(:emails AS bytea[]))"
    )
)
_LINK_OF_CUSTOMERS = text(
    _LINK_BY_EMAIL.format(
        which="""l.customer_id = ANY (CAST(:customers AS text[])) OR v.email_index IN (
            SELECT email_index FROM profiles.customers WHERE customer_id = ANY (CAST(:customers AS text[])))"""
    )
)
_OWNERS = text(
    "SELECT anonymous_id, customer_id FROM profiles.devices WHERE anonymous_id = ANY (CAST(:devices AS text[]))"
)


K = TypeVar("K", str, bytes)


@dataclass(frozen=True)
class Resolved:
    """Whose events are.

    Attributes:
        owners: by message id; None as long as nobody knows.
        moving: devices whose customer may be another one now: what was done with them has to move.
    """

    owners: dict[str, str | None]
    moving: list[str]


@dataclass(frozen=True)
class _Link:
    event: Event
    owner: str | None
    email: bytes | None


async def resolve(
    connection: AsyncConnection, vault: Vault, events: Sequence[Event], golden: Mapping[str, str]
) -> Resolved:
    """Note what events tell of devices and e-mail addresses, and find whose they are.

    The customers that the events name must exist. Holds for one transaction at a time.

    Args:
        golden: the customers that ids were merged into, as `golden.golden_ids` gives them.
    """
    links = [_Link(event, _owner(event, golden), _email(vault, event)) for event in events]
    logins = _earliest(links, _device_of_login)
    linked = (await connection.scalars(_LINK_DEVICES, _columns(logins))).all() if logins else []
    addresses = _earliest(links, lambda link: link.email if link.owner else None)
    emails = (await connection.scalars(_LINK_EMAILS, _columns(addresses))).all() if addresses else []
    visits = _earliest(links, lambda link: link.event.anonymous_id if link.email and not link.owner else None)
    noted = (await connection.scalars(_NOTE_VISITS, _columns(visits))).all() if visits else []
    by_email: Sequence[str] = []
    if emails or noted:
        seen = {"devices": list(noted), "emails": list(emails)}
        by_email = (await connection.scalars(_LINK_SEEN, seen)).all()
    owners = await _owners_of_devices(connection, links)
    return Resolved(
        {link.event.message_id: link.owner or owners.get(link.event.anonymous_id or "") for link in links},
        sorted({*linked, *by_email}),
    )


async def settle_email_devices(connection: AsyncConnection, customer_ids: Sequence[str]) -> list[str]:
    """Find anew whose devices are that an e-mail address of these customers was given on; gives those that changed."""
    parameters = {"customers": list(customer_ids)}
    return list((await connection.scalars(_LINK_OF_CUSTOMERS, parameters)).all())


async def _owners_of_devices(connection: AsyncConnection, links: Iterable[_Link]) -> dict[str, str]:
    devices = sorted(
        {link.event.anonymous_id for link in links if not link.owner and link.event.anonymous_id}
    )
    if not devices:
        return {}
    rows = (await connection.execute(_OWNERS, {"devices": devices})).all()
    return {row.anonymous_id: row.customer_id for row in rows}


def _owner(event: Event, golden: Mapping[str, str]) -> str | None:
    return None if event.user_id is None else golden.get(event.user_id, event.user_id)


def _email(vault: Vault, event: Event) -> bytes | None:
    """The blind index of the address that an identify event gives."""
    email = event.traits.get("email") if event.type == "identify" else None
    if not isinstance(email, str) or "@" not in email:
        return None
    return vault.blind_index("email", email)


def _device_of_login(link: _Link) -> str | None:
    if link.owner is None:
        return None
    return link.event.anonymous_id if link.event.type == "identify" else link.event.previous_id


def _earliest(links: Iterable[_Link], key: Callable[[_Link], K | None]) -> dict[K, _Link]:
    """The earliest link of each key, in the order of the keys."""
    found: dict[K, _Link] = {}
    for link in links:
        of_link = key(link)
        if of_link is not None and (of_link not in found or _moment(link) < _moment(found[of_link])):
            found[of_link] = link
    return dict(sorted(found.items()))


def _columns(links: Mapping[str, _Link] | Mapping[bytes, _Link]) -> dict[str, list[object]]:
    return {
        "keys": list(links),
        "owners": [link.owner for link in links.values()],
        "emails": [link.email for link in links.values()],
        "times": [link.event.timestamp for link in links.values()],
        "messages": [link.event.message_id for link in links.values()],
    }


def _moment(link: _Link) -> tuple[datetime, str]:
    return link.event.timestamp, link.event.message_id
