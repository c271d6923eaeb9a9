"""Loads many customers from a JSONL file: one `records.CustomerRecord` a line."""

import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from profiles.records import CustomerRecord
from profiles.store import Store

BATCH = 500


class BadRecord(ValueError):
    """A line of the file is not a customer; the message names line and field, never a value."""


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


async def load(store: Store, path: Path) -> int:
    """Add or replace every customer of the file, with progress on stderr; a second run changes nothing else.

    Batches that were written before a mistake stay; correct the file and run again.

    Returns:
        How many customers were written.

    Raises:
        BadRecord
    """
    began = time.monotonic()
    count = 0
    records = read_records(path)
    while batch := list(islice(records, BATCH)):
        await store.write(batch)
        count += len(batch)
        print(f"\r{count} customers, {time.monotonic() - began:.1f} s", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return count
