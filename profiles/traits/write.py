"""Writes traits. The outcome is a function of the set of them: order and repetition do not matter."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Vault
from profiles.quality.normalise.attributes import normal_value
from profiles.traits import strays
from profiles.traits.declared import Attribute, Schema
from profiles.traits.sealing import seal_for_owners
from profiles.traits.settle import settle_pairs
from profiles.traits.strays import Stray
from profiles.traits.values import Misfit, fit
from profiles.traits.versions import schema_in_force
from profiles.traits.winners import as_text

#: As JSON, which the driver passes on faster than arrays; bytes in hexadecimal.
_ADD = text("""
    INSERT INTO profiles.traits (message_id, name, customer_id, source, at, value, sealed, sealed_for, blind_index,
                                 expires_at, licence)
    SELECT message_id, name, customer_id, source, at, value, decode(sealed, 'hex'), sealed_for,
        decode(blind_index, 'hex'), expires_at, licence
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
        message_id text, name text, customer_id text, source text, at timestamptz, value jsonb, sealed text,
        sealed_for text, blind_index text, expires_at timestamptz, licence text)
    ON CONFLICT (message_id, name) DO NOTHING
    RETURNING customer_id, name
""")

#: Gives the owners of before as well, for what counts of them changes too.
_MOVE = text("""
    WITH moving AS MATERIALIZED (
        SELECT message_id, name, customer_id FROM profiles.traits
        WHERE message_id = ANY (CAST(:messages AS text[])) AND customer_id <> :owner),
    moved AS (
        UPDATE profiles.traits AS t SET customer_id = :owner FROM moving AS m
        WHERE t.message_id = m.message_id AND t.name = m.name)
    SELECT DISTINCT customer_id, name FROM moving
""")


@dataclass(frozen=True)
class TraitWrite:
    """An attribute value that somebody sent.

    Attributes:
        name: of the attribute, or one of its other names.
        value: in JSON's types; None takes the source's word back.
        at: when it was true, by the message.
        message_id: of the message; with the attribute's name it stands for the value.
        expires_at: after this it is as if it had not been said.
        licence: on what terms a partner let us have it.
    """

    customer_id: str
    name: str
    value: Any
    source: str
    at: datetime
    message_id: str
    expires_at: datetime | None = None
    licence: str | None = None


@dataclass(frozen=True)
class Written:
    """What became of some writes.

    Attributes:
        customers: of whom anything is different now; what is derived has to follow.
        added: how many values were new.
        refused: how many could not be kept.
    """

    customers: frozenset[str]
    added: int
    refused: int


async def write_traits(connection: AsyncConnection, vault: Vault, writes: Sequence[TraitWrite]) -> Written:
    """Keep values and find what counts now, in the transaction of the connection. The customers must exist.

    Values that the schema in force does not know, or not so, are not kept but counted (`strays`): therefore
    give it only messages that have not been given before. Derived attributes and segments are the caller's.
    """
    if not writes:
        return Written(frozenset(), 0, 0)
    schema = await schema_in_force(connection)
    kept, refused = _sort_out(schema, writes)
    rows = [row_of(vault, attribute, write, value) for attribute, write, value in kept]
    added = await add_rows(connection, rows)
    changed = await settle_pairs(connection, vault, schema, added, datetime.now(UTC))
    await strays.count(connection, refused, {(write.source, write.message_id) for write in writes})
    return Written(frozenset(changed), len(added), len(refused))


async def add_rows(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Add rows to `profiles.traits`; what a column is not given for is null.

    Returns:
        Customer and name of those that were not there yet.
    """
    if not rows:
        return []
    given = orjson.dumps(rows, default=_hexadecimal).decode()
    return [(row.customer_id, row.name) for row in (await connection.execute(_ADD, {"rows": given})).all()]


def _hexadecimal(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return value.hex()
    raise TypeError


async def move_traits(
    connection: AsyncConnection, vault: Vault, message_ids: Collection[str], customer_id: str
) -> set[str]:
    """Make what these messages said about anybody something that was said about this customer.

    Returns:
        All customers of whom anything is different now.
    """
    parameters = {"messages": list(message_ids), "owner": customer_id}
    moved = (await connection.execute(_MOVE, parameters)).all()
    await seal_for_owners(connection, vault, [customer_id])
    pairs = [(owner, row.name) for row in moved for owner in (row.customer_id, customer_id)]
    return await settle_pairs(connection, vault, await schema_in_force(connection), pairs, datetime.now(UTC))


def _sort_out(
    schema: Schema, writes: Iterable[TraitWrite]
) -> tuple[list[tuple[Attribute, TraitWrite, Any]], list[Stray]]:
    """What can be kept, once for each message and attribute, and what can't."""
    kept: dict[tuple[str, str], tuple[Attribute, TraitWrite, Any]] = {}
    refused: list[Stray] = []
    for write in writes:
        attribute = schema.by_any_name.get(write.name)
        try:
            if attribute is None:
                raise Misfit("unknown")
            if not attribute.may_come_from(write.source):
                raise Misfit("not from this source")
            value = fit(attribute, normal_value(attribute, write.value))
        except Misfit as misfit:
            refused.append(Stray(write.name, write.source, str(misfit), write.value, write.at))
            continue
        # Of two names for one attribute in a message its own one counts, then the first in the alphabet.
        place = (write.message_id, attribute.name)
        known = kept.get(place)
        if known is None or _preference(attribute, write) < _preference(attribute, known[1]):
            kept[place] = (attribute, write, value)
    return list(kept.values()), refused


def _preference(attribute: Attribute, write: TraitWrite) -> tuple[bool, str]:
    return write.name != attribute.name, write.name


def row_of(vault: Vault, attribute: Attribute, write: TraitWrite, value: Any) -> dict[str, Any]:
    """The row of a write whose value fits the attribute; sealed when it is sensitive."""
    row: dict[str, Any] = {
        "message_id": write.message_id,
        "name": attribute.name,
        "customer_id": write.customer_id,
        "source": write.source,
        "at": write.at,
        "expires_at": write.expires_at,
        "licence": write.licence,
    }
    if value is None:
        return row
    if attribute.sensitivity != "sensitive":
        return row | {"value": value}
    row |= {
        "sealed": vault.seal(write.customer_id, attribute.name, as_text(value)),
        "sealed_for": write.customer_id,
    }
    match attribute.name:
        case "email" | "phone" as field:
            row["blind_index"] = vault.blind_index(field, value)
    return row
