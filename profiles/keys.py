"""Keys of the API's callers: given in `RAPPORT_PROFILES_KEYS`, kept as hashes, each with one role."""

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from profiles.mistakes import Mistake
from profiles.tables import ApiKey

#: `read`, `write`, `collect` (brings events, sees nothing) and `service` are programs; `customer` is one customer; the
#: others are consoles of people, whose reads are noted by name. What each may do: `data/security/policy.csv`.
Role = Literal["read", "write", "collect", "customer", "agent", "trainer", "analyst", "admin", "service"]
PEOPLE: frozenset[Role] = frozenset({"agent", "trainer", "analyst", "admin"})
#: A key is nobody's in particular, so that it can't be a customer's.
KEY_ROLES = tuple(role for role in get_args(Role) if role != "customer")


class UnusableKeys(Mistake, ValueError):
    """The list of keys can't be read; the message holds no key."""


@dataclass(frozen=True)
class Caller:
    name: str
    role: Role
    #: The only customer of whom this caller may read or change anything.
    customer_id: str | None = None
    #: A service that acts for this customer: it may less than they may.
    through_service: bool = False


def parse_keys(text: str) -> dict[bytes, Caller]:
    """Read `name:role:key,name:role:key` into callers by the hash of their key.

    Keys are long and random (`make up` draws them), so one round of SHA-256 is enough.

    Raises:
        UnusableKeys
    """
    callers: dict[bytes, Caller] = {}
    for number, entry in enumerate(text.split(","), start=1):
        name, _, rest = entry.strip().partition(":")
        role, _, key = rest.partition(":")
        if not name or role not in KEY_ROLES or not key:
            raise UnusableKeys(
                f"RAPPORT_PROFILES_KEYS: entry {number} is not name:role:key, role one of {', '.join(KEY_ROLES)}"
            )
        callers[key_hash(key)] = Caller(name, role)  # type: ignore[arg-type]
    if len({caller.name for caller in callers.values()}) != number:
        raise UnusableKeys("RAPPORT_PROFILES_KEYS: a name or a key stands there twice")
    return callers


def key_hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


async def replace_keys(engine: AsyncEngine, callers: dict[bytes, Caller]) -> None:
    """Make these the only keys: a key that is no longer in the list no longer opens anything."""
    rows = [{"name": c.name, "role": c.role, "key_hash": digest} for digest, c in callers.items()]
    async with engine.begin() as connection:
        await connection.execute(delete(ApiKey))
        await connection.execute(insert(ApiKey), rows)


async def caller_of(engine: AsyncEngine, key: str) -> Caller | None:
    """Who has this key, if anybody."""
    query = select(ApiKey.name, ApiKey.role).where(ApiKey.key_hash == key_hash(key))
    async with engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    return None if row is None else Caller(row.name, row.role)
