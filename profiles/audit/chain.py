"""Adds entries to the audit log: one chain, each entry holds the hash of the one before it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

#: Any constant: only one writer begins the chain.
BEGINNING_LOCK = 7_426_008
#: What the first entry follows.
GENESIS = bytes(32)
#: More entries go to the database in parts.
AT_ONCE = 10_000

_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
#: Who adds to the chain waits here for the one before, until that transaction has ended.
_HEAD = text("SELECT sequence, hash FROM profiles.audit_head FOR UPDATE")
_ADD = text("""
    WITH added AS (
        INSERT INTO profiles.audit (sequence, at, who, what, customer_pseudonym, why, previous_hash, hash)
        SELECT * FROM unnest(
            CAST(:sequences AS bigint[]), CAST(:moments AS timestamptz[]), CAST(:who AS text[]),
            CAST(:what AS text[]), CAST(:customers AS text[]), CAST(:why AS text[]),
            CAST(:previous AS bytea[]), CAST(:hashes AS bytea[])))
    INSERT INTO profiles.audit_head (id, sequence, hash) VALUES (1, :last, :head)
    ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash
""")


@dataclass(frozen=True)
class Entry:
    """Something that was read or changed.

    Args:
        who: the caller, and for people `caller/actor`.
        what: a short word, such as `view`, `details`, `consent`.
        customer: the pseudonym (`crypto.Vault.pseudonym`), None when no single customer is concerned.
        why: the reason that was given, or the purpose.
        at: when it happened.
    """

    who: str
    what: str
    customer: str | None
    why: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


async def note(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Add entries to the chain, in the transaction of `connection`.

    Call it last: other writers wait from here until the transaction ends, so that row locks that are taken
    after it could wait for each other.
    """
    if not entries:
        return
    head = (await connection.execute(_HEAD)).one_or_none()
    if head is None:
        await connection.execute(_LOCK, {"key": BEGINNING_LOCK})
        head = (await connection.execute(_HEAD)).one_or_none()
    sequence, link = (head.sequence, bytes(head.hash)) if head else (0, GENESIS)
    for start in range(0, len(entries), AT_ONCE):
        link = await _add(connection, entries[start : start + AT_ONCE], sequence + start, link)


async def _add(connection: AsyncConnection, entries: Sequence[Entry], after: int, link: bytes) -> bytes:
    """Add entries behind number `after` with the hash `link`; gives the hash of the last."""
    links = [link]
    for number, entry in enumerate(entries, start=after + 1):
        links.append(entry_hash(number, entry, links[-1]))
    last = after + len(entries)
    await connection.execute(
        _ADD,
        {
            "sequences": list(range(after + 1, last + 1)),
            "moments": [entry.at for entry in entries],
            "who": [entry.who for entry in entries],
            "what": [entry.what for entry in entries],
            "customers": [entry.customer for entry in entries],
            "why": [entry.why for entry in entries],
            "previous": links[:-1],
            "hashes": links[1:],
            "last": last,
            "head": links[-1],
        },
    )
    return links[-1]


def entry_hash(sequence: int, entry: Entry, previous: bytes) -> bytes:
    """SHA-256 over everything that an entry says, its number, and the hash of the entry before."""
    moment = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = [sequence, moment, entry.who, entry.what, entry.customer, entry.why, previous.hex()]
    return hashlib.sha256(json.dumps(said, ensure_ascii=True, separators=(",", ":")).encode()).digest()
