"""Records of the shop (`profiles.records.CustomerRecord`) are its word about every core attribute at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Vault
from profiles.protocol import utc_text
from profiles.records import CustomerRecord
from profiles.traits.declared import CORE
from profiles.traits.settle import settle_pairs
from profiles.traits.versions import schema_in_force
from profiles.traits.winners import Said
from profiles.traits.write import add_rows

SOURCE = "shop"
_NEWEST = text("""
    SELECT DISTINCT ON (customer_id, name, source) customer_id, name, source, at, message_id, value, sealed,
        sealed_for, blind_index, expires_at, licence
    FROM profiles.traits WHERE customer_id = ANY (CAST(:ids AS text[])) AND name = ANY (CAST(:names AS text[]))
    ORDER BY customer_id, name, source, at DESC, message_id DESC
""")


async def keep_records(
    connection: AsyncConnection,
    vault: Vault,
    rows: Sequence[Mapping[str, Any]],
    records: Sequence[CustomerRecord],
    now: datetime,
) -> None:
    """Note what is new in records that have just been written to customers; a stronger source's word stays.

    Args:
        rows: of customers as they were written, sealed, in the order of the records.
    """
    known: dict[str, dict[str, Said]] = defaultdict(dict)
    others: list[tuple[str, str]] = []
    parameters = {"ids": [record.customer_id for record in records], "names": list(CORE)}
    for found in (await connection.execute(_NEWEST, parameters)).mappings().all():
        said = Said(**found)
        if said.source == SOURCE:
            known[said.customer_id][said.name] = said
        else:
            others.append((said.customer_id, said.name))
    moment = now.astimezone(UTC).isoformat()
    new = []
    for record, row in zip(records, rows, strict=True):
        before = known[record.customer_id]
        message = {
            "message_id": f"record:{record.customer_id}:{moment}",
            "customer_id": record.customer_id,
            "source": SOURCE,
            "at": now,
        }
        for name, value in _said(record).items():
            if value != _before(vault, before.get(name)):
                new.append(message | {"name": name} | _columns(name, value, row))
    await add_rows(connection, new)
    await settle_pairs(connection, vault, await schema_in_force(connection), others, now)


def _said(record: CustomerRecord) -> dict[str, Any]:
    """What the record says, by attribute: sensitive ones as the text that is sealed."""
    return {
        "first_name": record.first_name,
        "tier": record.tier,
        "preferred_channel": record.preferred_channel,
        "signed_up_at": utc_text(record.signed_up_at),
        "facts": record.facts.model_dump(exclude_none=True),
        "last_name": record.last_name,
        "email": record.email,
        "phone": record.phone,
        "address": record.address and record.address.model_dump_json(),
        "birth_date": record.birth_date and record.birth_date.isoformat(),
    }


def _before(vault: Vault, said: Said | None) -> Any:
    if said is None:
        return None
    if said.sealed is None or said.sealed_for is None:
        return said.value
    return vault.open(said.sealed_for, said.name, said.sealed)


def _columns(name: str, value: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    if value is None:
        return {}
    if not CORE[name]:
        return {"value": value}
    return {
        "sealed": row[name],
        "sealed_for": row["customer_id"],
        "blind_index": row.get(f"{name}_index"),
    }
