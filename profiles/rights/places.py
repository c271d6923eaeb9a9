"""What a walk needs of a place of data, whichever it is: count, show and erase what is a person's."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.rights.people import CUSTOMERS
from profiles.rights.stores import Identifiers, Stores

#: A row, a key or an event, as a person gets it.
Shown = dict[str, Any]


@dataclass(frozen=True)
class Surroundings:
    """Everything that may hold personal data.

    Args:
        data_key: `RAPPORT_DATA_KEY`: other rooms seal with keys made of it.
        state: the folder `RAPPORT_STATE`.
    """

    engine: AsyncEngine
    vault: Vault
    data_key: bytes
    redis: Redis
    state: Path
    stores: Stores


class Place(Protocol):
    """One declared store."""

    @property
    def title(self) -> str:
        """Its name in steps and certificates."""

    @property
    def empties(self) -> bool:
        """Whether nothing is found any more after erasing; where it is false something is kept, with a reason."""

    async def count(self, identifiers: Identifiers) -> int:
        """How much of the person there is."""

    async def show(self, identifiers: Identifiers) -> list[Shown]:
        """Everything of the person, opened."""

    async def erase(self, identifiers: Identifiers, pseudonym: str) -> int:
        """Delete, or take away what leads to the person; gives how much was found. Does no harm twice."""


def shown(events: Iterable[Event], identifiers: Identifiers) -> list[Shown]:
    """A person's events as they get them. One in which somebody else names them (an alias) is not theirs to see."""
    own = {None, *identifiers.get(CUSTOMERS, set())}
    return [
        event.model_dump(mode="json", by_alias=True, exclude_none=True)
        for event in events
        if event.user_id in own
    ]
