"""All declared places, in the order in which they are walked."""

from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.rights import people
from profiles.rights.file_place import LakePlace, LogsPlace
from profiles.rights.places import Place, Surroundings
from profiles.rights.redis_place import KeysPlace, ReadsPlace, StreamPlace
from profiles.rights.stores import Identifiers
from profiles.rights.table_place import TablePlace


def places(around: Surroundings) -> list[Place]:
    """Tables first, then Redis, where copies of them may have been made meanwhile, then files."""
    found: list[Place] = [TablePlace(store, around) for store in around.stores.stores]
    for store in around.stores.redis:
        if store.stream is None:
            found.append(KeysPlace(store, around))
        else:
            found.append((ReadsPlace if store.holds == "reads" else StreamPlace)(store, around))
    for file in around.stores.files:
        found.append(LakePlace(file, around) if file.kind == "lake" else LogsPlace(file, around))
    return found


async def identify(
    connection: AsyncConnection, around: Surroundings, customer_id: str, known: Identifiers | None = None
) -> Identifiers:
    """All ids of a person."""
    return await people.find(connection, around.stores, around.vault, [customer_id], known or {})


async def count(around: Surroundings, identifiers: Identifiers) -> dict[str, int]:
    """How much of a person each place holds."""
    return {place.title: await place.count(identifiers) for place in places(around)}
