"""What counted of each attribute, and since when: found from what was said, never kept beside it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Vault
from profiles.traits.declared import Attribute, Schema
from profiles.traits.winners import Said, opened, until, winner

#: Of each attribute so many of the newest values are read.
LONGEST = 200
_SAID = text("""
    SELECT customer_id, name, source, at, message_id, value, sealed, sealed_for, blind_index, expires_at, licence
    FROM (SELECT *, row_number() OVER (PARTITION BY name ORDER BY at DESC, message_id DESC) AS place
          FROM profiles.traits WHERE customer_id = :customer_id AND at <= :at) AS t
    WHERE place <= :longest
""")


@dataclass(frozen=True)
class Stretch:
    """A time during which one value counted.

    Attributes:
        since: when it began to count, by the time it was said for.
        value: in JSON's types; None when nothing was known.
        source: whose word it was; None as well then.
        expires_at: when it ceases by itself, if it does.
        licence: on what terms a partner let us have it.
    """

    since: datetime
    value: Any
    source: str | None
    expires_at: datetime | None = None
    licence: str | None = None


async def said_until(connection: AsyncConnection, customer_id: str, at: datetime) -> dict[str, list[Said]]:
    """What sources had said about a customer at a time, by attribute; the newest `LONGEST` of each."""
    parameters = {"customer_id": customer_id, "at": at, "longest": LONGEST}
    found: dict[str, list[Said]] = defaultdict(list)
    for row in (await connection.execute(_SAID, parameters)).mappings().all():
        found[row["name"]].append(Said(**row))
    return found


def stretches(
    vault: Vault, schema: Schema, attribute: Attribute, rows: Sequence[Said], now: datetime
) -> list[Stretch]:
    """How what counts of an attribute has changed up to `now`, oldest first; sensitive values in the open.

    It is what is known today about each time, in whatever order it became known.

    Raises:
        crypto.Unreadable: a value was not sealed with this key.
    """
    found: list[Stretch] = []
    for since, said in _changes(schema, attribute, rows, now):
        if said is None:
            found.append(Stretch(since, None, None))
            continue
        value = opened(vault, attribute, said)
        if not found or (found[-1].value, found[-1].source) != (value, said.source):
            found.append(Stretch(since, value, said.source, until(attribute, said), said.licence))
    return found


def _changes(
    schema: Schema, attribute: Attribute, rows: Sequence[Said], now: datetime
) -> Iterable[tuple[datetime, Said | None]]:
    """When another value began to count, and which; None when none did any more."""
    ends = {end for said in rows if (end := until(attribute, said)) is not None}
    before: Said | None = None
    for moment in sorted(moment for moment in {said.at for said in rows} | ends if moment <= now):
        won = winner(schema, attribute, [said for said in rows if said.at <= moment], moment)
        if won != before:
            yield moment, won
        before = won
