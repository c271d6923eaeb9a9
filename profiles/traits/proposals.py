"""Unknown keys of messages, as proposals for attributes."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.traits.declared import Type
from profiles.traits.strays import EXAMPLES
from profiles.traits.tables import RejectedKey, Stray, TraitMessages


@dataclass(frozen=True)
class Proposal:
    """A key that sources send and that is no attribute.

    Attributes:
        seen: how often, by source.
        share: the largest part of a source's messages that have it, 0 to 1.
        types: the part of its values that are of each type.
        examples: values, masked.
    """

    key: str
    seen: Mapping[str, int]
    share: float
    types: Mapping[str, float]
    examples: Sequence[str]
    first_at: datetime
    last_at: datetime

    @property
    def name(self) -> str:
        """What the attribute would be called."""
        words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", self.key)
        return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")

    @property
    def type(self) -> Type | None:
        """What most of its values are; None when that is nothing an attribute can be."""
        known: list[Type] = [name for name in get_args(Type) if name in self.types]
        return max(known, key=lambda name: self.types[name], default=None)


async def proposals(connection: AsyncConnection, *, known: set[str]) -> list[Proposal]:
    """Those not rejected and not declared since, the most frequent first."""
    rejected = set((await connection.scalars(select(RejectedKey.name))).all())
    sent = {row.source: row.seen for row in (await connection.execute(select(TraitMessages))).all()}
    query = select(Stray).where(Stray.reason == "unknown")
    by_key: dict[str, list[Any]] = defaultdict(list)
    for row in (await connection.execute(query)).all():
        if row.name not in rejected | known and not row.name.startswith("("):
            by_key[row.name].append(row)
    found = [_proposal(key, rows, sent) for key, rows in by_key.items()]
    return sorted(found, key=lambda one: (-sum(one.seen.values()), one.key))


async def reject(connection: AsyncConnection, key: str, why: str) -> None:
    """Propose a key no more; its values are still not kept."""
    await connection.execute(insert(RejectedKey).values(name=key, why=why).on_conflict_do_nothing())


def _proposal(key: str, rows: Sequence[Any], sent: Mapping[str, int]) -> Proposal:
    seen = Counter({row.source: row.seen for row in rows})
    types: Counter[str] = Counter()
    for row in rows:
        types.update(row.types)
    examples = sorted({example for row in rows for example in row.examples})
    return Proposal(
        key=key,
        seen=seen,
        share=max(count / max(sent.get(source, 0), count) for source, count in seen.items()),
        types={name: count / types.total() for name, count in types.most_common()},
        examples=examples[:EXAMPLES],
        first_at=min(row.first_at for row in rows),
        last_at=max(row.last_at for row in rows),
    )
