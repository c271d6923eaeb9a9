"""Finds what counts of what was said, and puts it into the columns of customers."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Vault
from profiles.traits.declared import CORE, Attribute, Schema
from profiles.traits.versions import schema_in_force
from profiles.traits.winners import Said, as_text, opened, until, winner

#: Facts as of then: the shop has never given any.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

#: The newest of each source, for customers and names in pairs.
_NEWEST = text("""
    SELECT t.customer_id, t.name, t.source, t.at, t.message_id, t.value, t.sealed, t.sealed_for, t.blind_index,
        t.expires_at, t.licence
    FROM unnest(CAST(:customers AS text[]), CAST(:names AS text[])) AS a (customer_id, name)
    CROSS JOIN LATERAL (
        SELECT DISTINCT ON (source) * FROM profiles.traits
        WHERE customer_id = a.customer_id AND name = a.name AND (expires_at IS NULL OR expires_at > :now)
        ORDER BY source, at DESC, message_id DESC) AS t
""")

_LOCK = text("""
    SELECT customer_id FROM profiles.customers WHERE customer_id = ANY (CAST(:ids AS text[]))
    ORDER BY customer_id FOR NO KEY UPDATE
""")

_FORGET = text("""
    DELETE FROM profiles.traits AS t
    USING unnest(CAST(:names AS text[]), CAST(:days AS integer[])) AS r (name, days)
    WHERE t.name = r.name AND (t.at <= :now - r.days * interval '1 day' OR t.expires_at <= :now)
    RETURNING t.customer_id, t.name
""")


def _update() -> str:
    """Sets what a document names of each customer and leaves the rest; gives the customers that this changes."""
    columns: dict[str, str] = {}
    for name, sealed in CORE.items():
        given = f"decode(n.core->>'{name}', 'hex')" if sealed else f"n.core->>'{name}'"
        match name:
            case "facts":
                given = "n.core->'facts'"
                columns["facts_at"] = "(n.core->>'facts_at')::timestamptz"
            case "signed_up_at":
                given = "(n.core->>'signed_up_at')::timestamptz"
            case "email" | "phone":
                columns[f"{name}_index"] = f"decode(n.core->>'{name}_index', 'hex')"
        columns[name] = given
    new = {
        name: f"CASE WHEN n.core ? '{name}' THEN {given} ELSE c.{name} END" for name, given in columns.items()
    }
    for name in ("traits", "traits_until"):
        new[name] = f"(c.{name} - ARRAY(SELECT jsonb_array_elements_text(n.names))) || n.{name}"
    return f"""
        UPDATE profiles.customers AS c SET {", ".join(f"{name} = {value}" for name, value in new.items())}
        FROM (SELECT customer_id, d->'core' AS core, d->'names' AS names, d->'traits' AS traits,
                  d->'until' AS traits_until
              FROM unnest(CAST(:ids AS text[]), CAST(:documents AS jsonb[])) AS u (customer_id, d)) AS n
        WHERE c.customer_id = n.customer_id
            AND ({", ".join(f"c.{name}" for name in new)}) IS DISTINCT FROM ({", ".join(new.values())})
        RETURNING c.customer_id
    """  # noqa: S608  (made of constants)


_UPDATE = text(_update().replace("::", "\\:\\:"))


async def settle(
    connection: AsyncConnection, vault: Vault, customer_ids: Collection[str], now: datetime | None = None
) -> set[str]:
    """Find anew what counts of everything that was said about customers.

    Returns:
        The customers of whom anything is different now; what is derived has to follow.
    """
    schema = await schema_in_force(connection)
    names = [attribute.name for attribute in schema.attributes if attribute.held != "derived"]
    pairs = [(customer_id, name) for customer_id in sorted(customer_ids) for name in names]
    return await settle_pairs(connection, vault, schema, pairs, now or datetime.now(UTC))


async def settle_pairs(
    connection: AsyncConnection,
    vault: Vault,
    schema: Schema,
    pairs: Iterable[tuple[str, str]],
    now: datetime,
) -> set[str]:
    """As `settle`, for some (customer, name of an attribute)."""
    asked = sorted(set(pairs))
    if not asked:
        return set()
    customers = sorted({customer_id for customer_id, _ in asked})
    await connection.execute(_LOCK, {"ids": customers})
    newest = {"customers": [one for one, _ in asked], "names": [name for _, name in asked], "now": now}
    said: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for row in (await connection.execute(_NEWEST, newest)).mappings().all():
        said[row["customer_id"], row["name"]].append(Said(**row))
    documents: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"core": {}, "names": [], "traits": {}, "until": {}}
    )
    for customer_id, name in asked:
        attribute = schema.by_name.get(name)
        if attribute is not None:
            won = winner(schema, attribute, said[customer_id, name], now)
            _enter(documents[customer_id], vault, attribute, customer_id, won)
    parameters = {
        "ids": list(documents),
        "documents": [json.dumps(document) for document in documents.values()],
    }
    return set((await connection.scalars(_UPDATE, parameters)).all())


async def forget_expired(connection: AsyncConnection, vault: Vault, now: datetime) -> int:
    """Delete the values that have expired or outlived the retention of their attribute.

    Returns:
        How many.
    """
    schema = await schema_in_force(connection)
    kept = [attribute for attribute in schema.attributes if attribute.held != "derived"]
    parameters = {
        "names": [attribute.name for attribute in kept],
        "days": [attribute.retention_days for attribute in kept],
        "now": now,
    }
    gone = (await connection.execute(_FORGET, parameters)).all()
    await settle_pairs(connection, vault, schema, [(row.customer_id, row.name) for row in gone], now)
    return len(gone)


def _enter(
    document: dict[str, Any], vault: Vault, attribute: Attribute, customer_id: str, won: Said | None
) -> None:
    """Put what counts of an attribute into the document of what is to be set of a customer."""
    name = attribute.name
    if attribute.held == "core":
        document["core"] |= _core(vault, attribute, customer_id, won)
        return
    document["names"].append(name)
    if won is not None and attribute.sensitivity != "sensitive":
        document["traits"][name] = won.value
        end = until(attribute, won)
        if end is not None:
            document["until"][name] = end.isoformat()


def _core(vault: Vault, attribute: Attribute, customer_id: str, won: Said | None) -> dict[str, Any]:
    """The columns of a core attribute: sealed ones in hexadecimal, and with their blind index."""
    name = attribute.name
    match name:
        case "facts":
            return {"facts": won.value if won else {}, "facts_at": (won.at if won else NEVER).isoformat()}
        case "signed_up_at":
            return {name: won.value} if won else {}
        case "tier":
            return {name: won.value if won else "standard"}
    if not CORE[name]:
        return {name: won.value if won else None}
    columns = {name: None if won is None else _sealed(vault, attribute, customer_id, won).hex()}
    if name in {"email", "phone"}:
        columns[f"{name}_index"] = won.blind_index.hex() if won and won.blind_index else None
    return columns


def _sealed(vault: Vault, attribute: Attribute, customer_id: str, won: Said) -> bytes:
    """A value sealed for this customer: its row may have been another's when it was written."""
    if won.sealed is not None and won.sealed_for == customer_id:
        return won.sealed
    return vault.seal(customer_id, attribute.name, as_text(opened(vault, attribute, won)))
