"""Reads what the quality of the data is computed from."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Unreadable, Vault
from profiles.quality.registry import PAGE
from profiles.quality.schemas import Registry
from profiles.quality.scores import Value
from profiles.traits.declared import Schema
from profiles.traits.winners import Said, opened, until

#: Always the same customers, spread evenly: one of `:every`, by the hash of their id.
_SAMPLE = "mod(hashtextextended({id}, 0) & 9223372036854775807, :every) = 0"

_COUNT = text("SELECT count(*) FROM profiles.customers")
_SAID = text(f"""
    SELECT DISTINCT ON (customer_id, name, source) customer_id, name, source, at, message_id, value, sealed,
        sealed_for, blind_index, expires_at, licence
    FROM profiles.traits WHERE {_SAMPLE.format(id="customer_id")}
    ORDER BY customer_id, name, source, at DESC, message_id DESC
""")  # noqa: S608  (made of constants)
_CUSTOMERS = text(f"""
    SELECT tier, preferred_channel, signed_up_at, attributes, traits FROM profiles.customers
    WHERE {_SAMPLE.format(id="customer_id")}
""")  # noqa: S608  (made of constants)
_ARRIVED = text("""
    SELECT source, (received_at AT TIME ZONE 'UTC')::date AS day, count(*) AS events, max(received_at) AS last
    FROM profiles.events WHERE received_at >= :since GROUP BY 1, 2
""")
_LAST_SAID = text("SELECT source, max(at) AS last FROM profiles.traits GROUP BY 1")
_IMPUTED = text(
    "SELECT attribute, method, count(*) AS values FROM profiles.imputations GROUP BY 1, 2 ORDER BY 1, 2"
)
#: What is sealed has lost its type.
_KEYS = text("""
    WITH newest AS (
        SELECT kind, CASE kind WHEN 'track' THEN name END AS name, source, document->'properties' AS properties
        FROM profiles.events WHERE received_at >= :since AND kind IN ('track', 'page')
        ORDER BY received_at DESC LIMIT :most),
    totals AS (SELECT kind, name, count(*) AS events FROM newest GROUP BY kind, name)
    SELECT n.kind, n.name, p.key, count(*) AS events, array_agg(DISTINCT n.source) AS sources,
        array_agg(DISTINCT CASE WHEN p.value ? 'sealed' THEN 'sealed' ELSE jsonb_typeof(p.value) END) AS types,
        t.events AS of_events
    FROM newest AS n JOIN totals AS t ON t.kind = n.kind AND t.name IS NOT DISTINCT FROM n.name,
        jsonb_each(n.properties) AS p
    GROUP BY n.kind, n.name, p.key, t.events ORDER BY n.kind, n.name, p.key
""")
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'profiles'")


@dataclass(frozen=True)
class Arrivals:
    """Events of a source by the day on which they were received, and when the last one was."""

    by_day: Mapping[date, int]
    last: datetime


async def sample_step(connection: AsyncConnection, most: int) -> tuple[int, int]:
    """How many customers there are, and of how many one has to be looked at so that it is about `most`."""
    customers = int((await connection.execute(_COUNT)).scalar_one())
    return customers, max(1, -(-customers // most))


async def values_said(
    connection: AsyncConnection, vault: Vault, schema: Schema, every: int, now: datetime
) -> list[Value]:
    """What each source says now about each attribute of the customers of the sample; imputed values left out."""
    rows = (await connection.execute(_SAID, {"every": every})).mappings().all()
    found = []
    for row in rows:
        said = Said(**row)
        attribute = schema.by_name.get(said.name)
        if attribute is None or said.taken_back or said.source == "imputed":
            continue
        end = until(attribute, said)
        if end is not None and end <= now:
            continue
        try:
            value = opened(vault, attribute, said)
        except (Unreadable, ValueError):
            value = None
        found.append(Value(said.customer_id, said.name, said.source, said.at, value))
    return found


async def customers_seen(connection: AsyncConnection, every: int) -> list[dict[str, Any]]:
    """What is known of the customers of the sample and is not sealed, one row each."""
    rows = (await connection.execute(_CUSTOMERS, {"every": every})).mappings().all()
    return [
        {
            "tier": row["tier"],
            "preferred_channel": row["preferred_channel"],
            "signed_up_at": row["signed_up_at"],
            **{name: value for name, value in row["attributes"].items() if name != "signed_up_at"},
            **row["traits"],
        }
        for row in rows
    ]


async def arrivals(connection: AsyncConnection, since: datetime) -> dict[str, Arrivals]:
    """How many events came from each source on each day."""
    by_day: dict[str, dict[date, int]] = defaultdict(dict)
    last: dict[str, datetime] = {}
    for row in (await connection.execute(_ARRIVED, {"since": since})).all():
        by_day[row.source][row.day] = row.events
        last[row.source] = max(row.last, last.get(row.source, row.last))
    return {source: Arrivals(days, last[source]) for source, days in sorted(by_day.items())}


async def last_said(connection: AsyncConnection) -> dict[str, datetime]:
    """When each source last said something about anybody."""
    return {row.source: row.last for row in (await connection.execute(_LAST_SAID)).all()}


async def imputed_counts(connection: AsyncConnection) -> list[tuple[str, str, int]]:
    """Attribute, method, and how many values are imputed."""
    return [(row.attribute, row.method, row.values) for row in (await connection.execute(_IMPUTED)).all()]


@dataclass(frozen=True)
class UndeclaredKey:
    """A property that events have and their type does not declare.

    Attributes:
        event: the name of the type.
        types: JSON's, of its values; `sources`: who sent it.
        events: in how many of `of_events` events of the type it is.
    """

    event: str
    key: str
    types: list[str]
    sources: list[str]
    events: int
    of_events: int


async def undeclared_keys(
    connection: AsyncConnection, registry: Registry, since: datetime, most: int
) -> list[UndeclaredKey]:
    """Those of the newest events since then."""
    rows = (await connection.execute(_KEYS, {"since": since, "most": most})).all()
    return [
        UndeclaredKey(row.name or PAGE, row.key, row.types, row.sources, row.events, row.of_events)
        for row in rows
        if row.key not in registry.declared(row.kind, row.name)
    ]


async def table_names(connection: AsyncConnection) -> list[str]:
    """The tables of the room."""
    return sorted((await connection.scalars(_TABLES)).all())


async def rows_of(connection: AsyncConnection, table: str, most: int) -> list[dict[str, Any]]:
    """Some rows of one of the tables, spread over it.

    Raises:
        ValueError: there is no such table.
    """
    if table not in await table_names(connection):
        raise ValueError(f"there is no table {table}")
    quoted = f"profiles.{table}"
    count = int((await connection.execute(text(f"SELECT count(*) FROM {quoted}"))).scalar_one())  # noqa: S608
    share = min(100.0, 100.0 * most / count) if count else 100.0
    sample = text(f"SELECT * FROM {quoted} TABLESAMPLE BERNOULLI (:share) REPEATABLE (1) LIMIT :most")  # noqa: S608
    return [
        dict(row) for row in (await connection.execute(sample, {"share": share, "most": most})).mappings()
    ]
