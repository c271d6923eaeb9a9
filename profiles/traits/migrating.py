"""Gives the values of a deprecated attribute to the one that replaces it."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.crypto import Vault
from profiles.store import Store
from profiles.traits.declared import Attribute, Schema
from profiles.traits.settle import settle_pairs
from profiles.traits.strays import masked
from profiles.traits.values import Misfit, fit
from profiles.traits.versions import schema_in_force
from profiles.traits.winners import Said, opened
from profiles.traits.write import TraitWrite, add_rows, row_of

BATCH = 2000
_NEXT = text("""
    SELECT customer_id, name, source, at, message_id, value, sealed, sealed_for, blind_index, expires_at, licence
    FROM profiles.traits WHERE name = :name AND message_id > :after ORDER BY message_id LIMIT :limit
""")
_TRUTH = {
    "true": True,
    "yes": True,
    "y": True,
    "1": True,
    "false": False,
    "no": False,
    "n": False,
    "0": False,
}


class NotMigrated(ValueError):
    """These two attributes do not follow each other; says why."""


@dataclass(frozen=True)
class Migrated:
    """How many values were given over, and how many could not be, by reason and masked example."""

    moved: int
    refused: Counter[tuple[str, str]]


async def migrate(
    store: Store, vault: Vault, old: str, progress: Callable[[int], None], *, dry_run: bool
) -> Migrated:
    """Give each value of `old` to the attribute that is named in its deprecation, as far as it fits there.

    Who said it and when stays. The old values stay until the old attribute is taken away. Done again, it gives
    over only what is new.

    Raises:
        NotMigrated
    """
    async with store.engine.connect() as connection:
        before, after = _pair(await schema_in_force(connection), old)
    last, moved, refused = "", 0, Counter[tuple[str, str]]()
    while True:
        async with store.engine.begin() as connection:
            parameters = {"name": old, "after": last, "limit": BATCH}
            found = (await connection.execute(_NEXT, parameters)).mappings().all()
            rows = []
            for said in (Said(**one) for one in found):
                value = opened(vault, before, said)
                try:
                    rows.append(_moved(vault, after, said, value))
                except Misfit as misfit:
                    refused[str(misfit), masked(value)] += 1
            if dry_run:
                moved += len(rows)
            else:
                added = await add_rows(connection, rows)
                moved += len(added)
                now = datetime.now(UTC)
                schema = await schema_in_force(connection)
                changed = sorted(await settle_pairs(connection, vault, schema, added, now))
                changes = await store.follow_up(connection, changed, now, forget_stale=False)
                if not found:
                    by = acting()
                    words = f"attributes: {moved} values of {old} to {after.name}"
                    await note(connection, [Entry(by.who, words, None, by.why)])
        if not found:
            return Migrated(moved, refused)
        if not dry_run:
            await store.tell_cache(changes)
        last = found[-1]["message_id"]
        progress(len(found))


def converted(attribute: Attribute, value: Any) -> Any:
    """A value of another type as one of this attribute, where that is plain: `"12"` is 12, `"yes"` is true.

    Raises:
        values.Misfit
    """
    match attribute.type, value:
        case "number", str():
            try:
                value = json.loads(value.strip().replace(",", ""))
            except ValueError:
                raise Misfit("wrong type") from None
        case "boolean", str():
            value = _TRUTH.get(value.strip().lower(), value)
        case "text", bool():
            value = "yes" if value else "no"
        case "text", int() | float():
            value = f"{value:g}" if isinstance(value, float) else str(value)
        case "text", [str() as only]:
            value = only
        case "texts", str():
            value = [value]
    return fit(attribute, value)


def _pair(schema: Schema, old: str) -> tuple[Attribute, Attribute]:
    before = schema.by_name.get(old)
    if before is None or before.deprecated is None or before.deprecated.instead is None:
        raise NotMigrated(f"'{old}' is not published as deprecated with an attribute to be used instead")
    after = schema.by_name[before.deprecated.instead]
    if after.held == "derived" or before.held == "derived":
        raise NotMigrated("what is derived has no values to give or to take")
    return before, after


def _moved(vault: Vault, attribute: Attribute, said: Said, value: Any) -> dict[str, Any]:
    if not attribute.may_come_from(said.source):
        raise Misfit("not from this source")
    write = TraitWrite(
        customer_id=said.customer_id,
        name=attribute.name,
        value=value,
        source=said.source,
        at=said.at,
        message_id=said.message_id,
        expires_at=said.expires_at,
        licence=said.licence,
    )
    return row_of(vault, attribute, write, converted(attribute, value))
