"""Loads many customers from a JSONL file: one `records.CustomerRecord` a line."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from profiles.mistakes import Mistake
from profiles.records import CustomerRecord
from profiles.rights.tombstones import erased, lift
from profiles.store import Store

BATCH = 500


class BadRecord(Mistake):
    """A line of the file is not a customer; the message names line and field, never a value."""


@dataclass(frozen=True)
class Loaded:
    """How many customers were written, and how many left out because they were erased at their wish."""

    written: int
    left_out: int


def read_records(path: Path) -> Iterator[CustomerRecord]:
    """The records of a file, one after the other.

    Raises:
        BadRecord
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield CustomerRecord.model_validate_json(line)
            except ValidationError as error:
                first = error.errors(include_input=False, include_url=False)[0]
                place = ".".join(str(part) for part in first["loc"])
                raise BadRecord(f"{path.name}, line {number}: {place}: {first['msg']}") from None


async def load(store: Store, path: Path, *, bring_back: bool = False) -> Loaded:
    """Add or replace every customer of the file, with progress on stderr; a second run changes nothing else.

    Batches that were written before a mistake stay; correct the file and run again.

    Args:
        bring_back: those who were erased at their wish are added too; else they are left out.

    Raises:
        BadRecord
    """
    began = time.monotonic()
    count = left_out = 0
    records = read_records(path)
    while batch := list(islice(records, BATCH)):
        ids = {record.customer_id for record in batch}
        async with store.engine.begin() as connection:
            if bring_back:
                await lift(connection, store.vault, ids)
            gone = await erased(connection, store.vault, ids)
        batch = [record for record in batch if record.customer_id not in gone]
        await store.write(batch)
        count += len(batch)
        left_out += len(gone)
        print(f"\r{count} customers, {time.monotonic() - began:.1f} s", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return Loaded(count, left_out)
