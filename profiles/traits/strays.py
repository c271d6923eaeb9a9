"""Counts the keys of messages whose values are not kept, so that a person can make attributes of them."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.conditions.kinds import kind_of

#: So many different keys are told apart; senders that make up a new one each time can't fill the table.
MOST_NAMES = 500
EXAMPLES = 5
EXAMPLE_CHARACTERS = 30
OTHERS, UNUSABLE = "(others)", "(unusable name)"
#: What looks like a name; anything else may be somebody's address or number.
_NAME = re.compile(r"(?!.*\d{4})[A-Za-z][A-Za-z0-9_.\- ]{0,59}")
_LOCK = text("SELECT pg_advisory_xact_lock(7426009)")
_KNOWN = text("SELECT name, source, reason, types, examples FROM profiles.stray_traits")
_SAVE = text("""
    INSERT INTO profiles.stray_traits AS s (name, source, reason, seen, types, examples, first_at, last_at)
    SELECT name, source, reason, seen, types, ARRAY(SELECT jsonb_array_elements_text(examples)), first_at, last_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (name text, source text, reason text, seen bigint,
        types jsonb, examples jsonb, first_at timestamptz, last_at timestamptz)
    ON CONFLICT (name, source, reason) DO UPDATE
    SET seen = s.seen + excluded.seen, types = excluded.types, examples = excluded.examples,
        first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at)
""")
_MESSAGES = text("""
    INSERT INTO profiles.trait_messages AS m (source, seen)
    SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:seen AS bigint[])) ORDER BY 1
    ON CONFLICT (source) DO UPDATE SET seen = m.seen + excluded.seen
""")


@dataclass(frozen=True)
class Stray:
    """A value that is not kept, under the name that it was sent with."""

    name: str
    source: str
    reason: str
    value: Any
    at: datetime


async def count(
    connection: AsyncConnection, strays: Sequence[Stray], messages: Collection[tuple[str, str]]
) -> None:
    """Add to the counts: strays, and of how many messages (source, message id) they were found in."""
    by_source = Counter(source for source, _ in messages)
    parameters = {"sources": list(by_source), "seen": list(by_source.values())}
    await connection.execute(_MESSAGES, parameters)
    if not strays:
        return
    await connection.execute(_LOCK)
    known = {(row.name, row.source, row.reason): row for row in (await connection.execute(_KNOWN)).all()}
    names = {name for name, _, _ in known}
    found: dict[tuple[str, str, str], list[Stray]] = defaultdict(list)
    for stray in strays:
        name = stray.name if _NAME.fullmatch(stray.name) else UNUSABLE
        if name not in names and len(names) >= MOST_NAMES:
            name = OTHERS
        names.add(name)
        found[name, stray.source, stray.reason].append(stray)
    rows = []
    for key, those in sorted(found.items()):
        before = known.get(key)
        types = Counter(before.types if before else {})
        types.update(type_of(stray.value) for stray in those)
        examples = sorted({*(before.examples if before else []), *(masked(stray.value) for stray in those)})
        moments = [stray.at for stray in those]
        rows.append(
            {
                **dict(zip(("name", "source", "reason"), key, strict=True)),
                "seen": len(those),
                "types": types,
                "examples": examples[:EXAMPLES],
                "first_at": min(moments).isoformat(),
                "last_at": max(moments).isoformat(),
            }
        )
    await connection.execute(_SAVE, {"rows": json.dumps(rows)})


def type_of(value: object) -> str:
    """What an attribute of such values would be declared as; texts that are dates or moments count as these."""
    if isinstance(value, str):
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return "day"
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*", value):
            return "moment"
    return kind_of(value) or ("nothing" if value is None else "document")


def masked(value: object) -> str:
    """The shape of a value without what it says: letters are `a` and `A`, digits `9`, what is rare `?`."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, list | dict):
        return f"{len(value)} entries"
    said = str(value)[:EXAMPLE_CHARACTERS]
    shape = re.sub(r"\d", "9", re.sub(r"[^\W\d_a-z]", "A", re.sub(r"[^\W\d_A-Z]", "a", said)))
    return re.sub(r"[^ -~£€]", "?", shape)
