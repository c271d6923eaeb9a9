"""Imputes attributes of customers in the database, and takes back what was imputed when it is no longer right."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, text

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.crypto import Vault
from profiles.quality.imputation import Filled, How, Imputer, Known, Plan
from profiles.store import Store
from profiles.traits.declared import Attribute
from profiles.traits.versions import schema_in_force
from profiles.traits.write import TraitWrite, write_traits

SOURCE = "imputed"
#: Customers in one transaction, and those who are learnt from.
BATCH, LEARNT_FROM = 1000, 5000

#: Customers who allow analytics now; what one said of an attribute, even if it was taken back, is not guessed.
_STATE = """
    SELECT c.customer_id, c.attributes, c.traits, to_jsonb(c) -> :name AS core, i.message_id AS imputed_by,
        EXISTS (SELECT FROM profiles.traits AS t WHERE t.customer_id = c.customer_id AND t.name = :name
                AND t.source <> 'imputed') AS said,
        coalesce((SELECT granted AND (expires_at IS NULL OR expires_at > :now) FROM profiles.consents AS s
                  WHERE s.customer_id = c.customer_id AND s.purpose = 'analytics' AND s.at <= :now
                  ORDER BY s.at DESC LIMIT 1), false) AS allowed
    FROM profiles.customers AS c
    LEFT JOIN profiles.imputations AS i ON i.customer_id = c.customer_id AND i.attribute = :name
"""
_KNOWN = text(f"""
    SELECT * FROM ({_STATE} WHERE EXISTS (SELECT FROM profiles.traits AS t WHERE t.customer_id = c.customer_id
        AND t.name = :name AND t.source <> 'imputed')) AS state
    WHERE allowed ORDER BY md5(customer_id) LIMIT :most
""")  # noqa: S608  (made of constants)
_MISSING = text(f"""
    SELECT * FROM ({_STATE} WHERE c.customer_id > :after AND i.message_id IS NULL) AS state
    WHERE allowed AND NOT said ORDER BY customer_id LIMIT :most
""")  # noqa: S608  (made of constants)
_WRONG = text(f"""
    SELECT * FROM ({_STATE} WHERE c.customer_id > :after AND i.message_id IS NOT NULL) AS state
    WHERE said OR NOT allowed ORDER BY customer_id LIMIT :most
""")  # noqa: S608  (made of constants)
_MARK = text("""
    INSERT INTO profiles.imputations (customer_id, attribute, method, known, agreement, message_id, at)
    SELECT id, :name, :method, known, agreement, message, :now
    FROM unnest(CAST(:ids AS text[]), CAST(:known AS bigint[]), CAST(:agreement AS double precision[]),
                CAST(:messages AS text[])) AS n (id, known, agreement, message)
""")
_UNMARK = text(
    "DELETE FROM profiles.imputations WHERE attribute = :name AND customer_id = ANY (CAST(:ids AS text[]))"
)


class NotForImputation(ValueError):
    """The declarations of attributes do not allow it."""


@dataclass
class Imputed:
    """What was done to one attribute: values filled in, by value; how many were left open; how many taken back."""

    filled: Counter[str] = field(default_factory=Counter)
    left_open: int = 0
    taken_back: int = 0


async def impute(store: Store, vault: Vault, plan: Plan, *, dry_run: bool = False) -> dict[str, Imputed]:
    """Fill in what the plan names, for all customers of whom nobody said it and who allow analytics.

    Raises:
        NotForImputation
    """
    async with store.engine.connect() as connection:
        schema = await schema_in_force(connection)
    done = {}
    for name, how in plan.attributes.items():
        attribute = schema.by_name.get(name)
        if attribute is None or not attribute.may_come_from(SOURCE) or attribute.sensitivity == "sensitive":
            raise NotForImputation(f"{name} may not come from the source '{SOURCE}'")
        done[name] = await _Attribute(store, vault, plan, attribute, how, dry_run).run()
    return done


@dataclass
class _Attribute:
    store: Store
    vault: Vault
    plan: Plan
    attribute: Attribute
    how: How
    dry_run: bool

    async def run(self) -> Imputed:
        done = Imputed()
        after = ""
        while rows := await self._rows(_WRONG, after):
            done.taken_back += len(rows)
            after = rows[-1]["customer_id"]
            await self._write(rows, [None] * len(rows))
        known = [
            Known(value, self._numbers(row))
            for row in await self._rows(_KNOWN, "", LEARNT_FROM)
            if isinstance(value := self._value(row), str | int | float)
        ]
        imputer = Imputer(self.how, self.plan, known)
        after = ""
        while rows := await self._rows(_MISSING, after):
            after = rows[-1]["customer_id"]
            found = await asyncio.to_thread(imputer.fill, [self._numbers(row) for row in rows])
            sure = [(row, filled) for row, filled in zip(rows, found, strict=True) if filled is not None]
            done.left_open += len(rows) - len(sure)
            done.filled.update(str(filled.value) for _, filled in sure)
            await self._write([row for row, _ in sure], [filled for _, filled in sure])
        return done

    async def _rows(self, query: Any, after: str, most: int = BATCH) -> Sequence[RowMapping]:
        parameters = {"name": self.attribute.name, "now": datetime.now(UTC), "most": most}
        if query is not _KNOWN:
            parameters["after"] = after
        async with self.store.engine.connect() as connection:
            return (await connection.execute(query, parameters)).mappings().all()

    def _value(self, row: RowMapping) -> Any:
        return row["traits"].get(self.attribute.name) if self.attribute.held == "dynamic" else row["core"]

    def _numbers(self, row: RowMapping) -> Mapping[str, float]:
        return {
            name: float(value)
            for name in self.how.by
            if isinstance(value := row["attributes"].get(name), int | float)
        }

    async def _write(self, rows: Sequence[RowMapping], found: Sequence[Filled | None]) -> None:
        """Write values, or take back what was imputed; with what follows from it, in one transaction."""
        if not rows or self.dry_run:
            return
        now = datetime.now(UTC)
        ids = [row["customer_id"] for row in rows]
        writes = [
            TraitWrite(
                customer_id=one,
                name=self.attribute.name,
                value=filled and filled.value,
                source=SOURCE,
                at=now,
                message_id=f"imputed:{self.attribute.name}:{one}:{now:%Y%m%d%H%M%S%f}",
            )
            for one, filled in zip(ids, found, strict=True)
        ]
        async with self.store.engine.begin() as connection:
            written = await write_traits(connection, self.vault, writes)
            parameters = {"name": self.attribute.name, "ids": ids}
            await connection.execute(_UNMARK, parameters)
            sure = [
                (write, filled) for write, filled in zip(writes, found, strict=True) if filled is not None
            ]
            if sure:
                marks = {
                    "ids": [write.customer_id for write, _ in sure],
                    "known": [filled.known for _, filled in sure],
                    "agreement": [filled.agreement for _, filled in sure],
                    "messages": [write.message_id for write, _ in sure],
                }
                more = {"name": self.attribute.name, "method": self.how.method, "now": now}
                await connection.execute(_MARK, {**marks, **more})
            changed = sorted(written.customers)
            changes = await self.store.follow_up(connection, changed, now, forget_stale=False)
            by = acting()
            what = f"changed: {self.attribute.name} imputed"
            entries = [Entry(by.who, what, self.vault.pseudonym(one), by.why) for one in changed]
            await note(connection, entries)
        await self.store.tell_cache(changes)
