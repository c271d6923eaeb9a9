"""A copy for analytics: customers who allow it now, under pseudonyms, as coarse as `data/privacy/analytics.yml` says."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, text

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.crypto import Unreadable, Vault
from profiles.protocol import utc_text
from profiles.rights.anonymity import coarsen, smallest_class
from profiles.rights.places import Surroundings
from profiles.store import Store
from profiles.tables import Customer

ANALYTICS_FILE = Path(__file__).parents[2] / "data" / "privacy" / "analytics.yml"
BATCH = 500
_USE = "copy for analytics:"

_ACTIVITY = text("""
    SELECT customer_id, to_char(day, 'YYYY-MM') AS month, name, sum(count)::bigint AS count,
        sum(amount)::double precision AS amount
    FROM profiles.daily_activity WHERE customer_id = ANY (CAST(:ids AS text[]))
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")


class Plan(BaseModel):
    """The file as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    k: Annotated[int, Field(ge=2)]
    identifying: list[str]
    steps: list[dict[str, str | int]]
    attributes: list[str]
    rounded: dict[str, float]


def load(file: Path = ANALYTICS_FILE) -> Plan:
    """The plan of the file."""
    return Plan.model_validate(yaml.safe_load(file.read_text()))


class TooFew(Exception):
    """The written copy is not k-anonymous; it was not kept."""


async def copy(store: Store, around: Surroundings, out: Path, plan: Plan) -> dict[str, Any]:
    """Write `customers.parquet`, `activity.parquet` and `report.json` into `out`; gives the report.

    Raises:
        TooFew, OSError
    """
    now = datetime.now(UTC)
    ids: list[str] = []
    known: list[dict[str, str]] = []
    shown: list[dict[str, Any]] = []
    asked = 0
    async for customer_id, row, attributes in _allowed(store, around.vault, now.date()):
        asked += 1
        if attributes is not None:
            ids.append(customer_id)
            known.append({name: row[name] for name in plan.identifying})
            shown.append({name: _rounded(plan, name, attributes.get(name)) for name in plan.attributes})
    coarse = coarsen(known, plan.steps, plan.k)

    def name_of(customer_id: str) -> str:
        """A name of this use alone: nothing joins a copy to the audit log."""
        return around.vault.pseudonym(f"{_USE} {customer_id}")

    rows = [
        {"customer": name_of(ids[place]), **identifying, **shown[place]}
        for place, identifying in coarse.rows.items()
    ]
    # Their order tells nothing.
    rows.sort(key=itemgetter("customer"))
    released = [ids[place] for place in coarse.rows]
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True, mode=0o700)
    _write(out / "customers.parquet", rows, plan)
    activity = [
        {**one, "customer": name_of(one.pop("customer_id"))} for one in await _activity(around, released)
    ]
    pq.write_table(pa.Table.from_pylist(activity, _ACTIVITY_SCHEMA), out / "activity.parquet")
    report = {
        "made_at": utc_text(now),
        "k": plan.k,
        "identifying": plan.identifying,
        "customers": asked,
        "without_consent": asked - len(ids),
        "released": len(rows),
        "released_by_step": [
            {"step": step, "customers": count} for step, count in zip(plan.steps, coarse.by_step, strict=True)
        ],
        "suppressed": len(ids) - len(rows),
        "smallest_class": _checked(out, plan),
    }
    (out / "report.json").write_text(json.dumps(report, indent=1))
    by = acting()
    async with around.engine.begin() as connection:
        await note(connection, [Entry(by.who, "analytics copy", None, f"{len(rows)} customers")])
    return report


async def _allowed(
    store: Store, vault: Vault, today: date
) -> AsyncIterator[tuple[str, dict[str, str], dict[str, Any] | None]]:
    """All customers: what is identifying, and what analytics may see; None without consent in force."""
    after = ""
    while True:
        query = select(
            Customer.customer_id, Customer.tier, Customer.signed_up_at, Customer.birth_date, Customer.address
        ).where(Customer.customer_id > after)
        async with store.engine.connect() as connection:
            page = (await connection.execute(query.order_by(Customer.customer_id).limit(BATCH))).all()
        if not page:
            return
        views = {view.customer_id: view for view in await store.views([row[0] for row in page], "analytics")}
        for row in page:
            view = views.get(row.customer_id)
            if view is None or not view.consent["analytics"]:
                yield row.customer_id, {}, None
                continue
            birth = _opened(vault, row.customer_id, "birth_date", row.birth_date)
            address = _opened(vault, row.customer_id, "address", row.address)
            identifying = {
                "age": str(_age(date.fromisoformat(birth), today)) if birth else "",
                "postcode": str(json.loads(address).get("postcode") or "") if address else "",
                "tier": row.tier,
                "signed_up": str(row.signed_up_at.year),
            }
            yield row.customer_id, identifying, view.attributes
        after = page[-1].customer_id


async def _activity(around: Surroundings, ids: list[str]) -> list[dict[str, Any]]:
    async with around.engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(_ACTIVITY, {"ids": ids})).mappings().all()]


_ACTIVITY_SCHEMA = pa.schema(
    [
        ("customer", pa.string()),
        ("month", pa.string()),
        ("name", pa.string()),
        ("count", pa.int64()),
        ("amount", pa.float64()),
    ]
)


def _write(file: Path, rows: list[dict[str, Any]], plan: Plan) -> None:
    numbers = {name for name in plan.attributes if any(isinstance(row[name], int | float) for row in rows)}
    schema = pa.schema(
        [(name, pa.string()) for name in ("customer", *plan.identifying)]
        + [(name, pa.float64() if name in numbers else pa.string()) for name in plan.attributes]
    )
    pq.write_table(pa.Table.from_pylist(rows, schema), file)


def _checked(out: Path, plan: Plan) -> int:
    """The size of the smallest class of what was written, read anew; what is not k-anonymous is deleted.

    Raises:
        TooFew
    """
    rows = pq.read_table(out / "customers.parquet", columns=plan.identifying).to_pylist()
    smallest = smallest_class(rows)
    if rows and smallest < plan.k:
        for name in ("customers.parquet", "activity.parquet"):
            (out / name).unlink()
        raise TooFew(f"a class of {smallest} customers, fewer than {plan.k}")
    return smallest


def _opened(vault: Vault, customer_id: str, field: str, sealed: bytes | None) -> str | None:
    try:
        return None if sealed is None else vault.open(customer_id, field, sealed)
    except Unreadable:
        return None


def _age(birth: date, today: date) -> int:
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _rounded(plan: Plan, name: str, value: Any) -> Any:
    to = plan.rounded.get(name)
    if to is None or not isinstance(value, int | float):
        return value
    return round(round(value / to) * to, 6)
