"""Who is meant: the customer, and all ids under which something of them is found."""

import json
from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Vault
from profiles.rights.stores import PSEUDONYMS, Identifiers, Stores, parameters, statement

CUSTOMERS = "customer_ids"
DEVICES = "device_ids"
#: A walk from id to id ends after so many rounds; ids that were merged twice need two.
ROUNDS = 10


async def find(
    connection: AsyncConnection, stores: Stores, vault: Vault, customer_ids: Iterable[str], known: Identifiers
) -> Identifiers:
    """All ids of a person, `known` ones included, from round to round until there are no more."""
    found: Identifiers = {name: set(known.get(name, ())) for name in stores.identifiers}
    found[CUSTOMERS] |= set(customer_ids)
    for _ in range(ROUNDS):
        before = sum(len(ids) for ids in found.values())
        for name, queries in stores.identifiers.items():
            for sql in queries:
                query = statement(sql)
                rows = await connection.scalars(query, parameters(query, found))
                found[name] |= set(rows.all())
        if sum(len(ids) for ids in found.values()) == before:
            break
    found[PSEUDONYMS] = {vault.pseudonym(customer_id) for customer_id in found[CUSTOMERS]}
    return found


def seal(vault: Vault, job_id: str, identifiers: Identifiers) -> bytes:
    """Identifiers as they rest with a job."""
    content = json.dumps({name: sorted(ids) for name, ids in identifiers.items()})
    return vault.seal(job_id, "identifiers", content)


def opened(vault: Vault, job_id: str, sealed: bytes | None) -> Identifiers:
    """The identifiers of a job; none when it has none any more."""
    if sealed is None:
        return {}
    return {name: set(ids) for name, ids in json.loads(vault.open(job_id, "identifiers", sealed)).items()}
