"""The whole state of the room, as tests compare it."""

import json
from typing import Any

from sqlalchemy import text

from profiles.crypto import Vault
from profiles.records import CustomerRecord
from profiles.store import Store
from tests.profiles.conftest import DATA_KEY, record
from tests.profiles.worker.events import NOON

#: Logs and counters that go on whatever is undone, and what says how a merge is undone.
_APART = {
    "aliases",
    "api_keys",
    "attribute_schemas",
    "audit",
    "audit_checkpoints",
    "audit_head",
    "candidates",
    "data_keys",
    "invalidations",
    "merged_rows",
    "merges",
}
_GOES_ON = {"version", "updated_at"}
_SEALED = {"last_name", "email", "phone", "address", "birth_date"}


def person(customer_id: str, **changes: Any) -> CustomerRecord:
    """A customer who signed up at a whole second, as the shop's records say it."""
    return record(customer_id, **{"signed_up_at": NOON, **changes})


State = dict[str, list[str]]


async def state_of(store: Store) -> State:
    """Every row of every table of customers, in an order of its own; what is sealed is opened."""
    vault = Vault(DATA_KEY)
    async with store.engine.connect() as connection:
        names = await connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'profiles' ORDER BY 1")
        )
        state = {}
        for name in names.all():
            if name in _APART:
                continue
            rows = await connection.scalars(text(f"SELECT to_jsonb(t) FROM profiles.{name} AS t"))  # noqa: S608
            state[name] = sorted(json.dumps(_plain(vault, name, row), sort_keys=True) for row in rows.all())
    return state


def _plain(vault: Vault, table: str, row: dict[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in row.items() if name not in _GOES_ON}
    if table == "customers":
        for name in _SEALED:
            if row[name] is not None:
                plain[name] = vault.open(row["customer_id"], name, bytes.fromhex(row[name][2:]))
    if "sealed" in plain:
        # The nonce differs each time that a value is sealed.
        plain["sealed"] = plain["sealed"] is not None
    return plain


def without_times_of_work(state: State) -> State:
    """A state without since when customers are in their segments: that is when a worker found out."""
    members = [json.loads(row) for row in state["memberships"]]
    return state | {"memberships": sorted(f"{one['customer_id']} {one['segment']}" for one in members)}


async def wipe(store: Store) -> None:
    """Forget everything about customers."""
    async with store.engine.begin() as connection:
        for name in ("customers", "events", "email_visits", "stray_traits", "trait_messages"):
            await connection.execute(text(f"DELETE FROM profiles.{name}"))  # noqa: S608
