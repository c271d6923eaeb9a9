"""A world written to a folder."""

import gzip
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from demo import documents
from demo.records import World

#: File name of each kind of record; the truth stands apart, so that nobody learns from it by accident.
CUSTOMERS, ORDERS, EVENTS, TRUTH = "customers.jsonl", "orders.jsonl", "events.jsonl.gz", "truth.jsonl"


def write(world: World, folder: Path) -> None:
    """Write `world` as JSON lines into `folder`, which is made when missing."""
    folder.mkdir(parents=True, exist_ok=True)
    with _private(folder / CUSTOMERS) as file:
        write_profiles(world, file)
    _write(
        folder / ORDERS,
        (documents.order(c.customer_id, order) for c in world.customers for order in c.orders),
    )
    _write(folder / TRUTH, (documents.truth(customer) for customer in world.customers))
    # No time and no name in the gzip header: the same events give the same bytes.
    with (
        (folder / EVENTS).open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as text,
    ):
        for customer in world.customers:
            text.writelines(line(event) for event in documents.events(customer))


def write_profiles(world: World, file: IO[str], progress: Callable[[], object] = lambda: None) -> None:
    """Write the customers as the profile service loads them."""
    for customer in world.customers:
        file.write(line(documents.profile(customer, world)))
        progress()


def _private(path: Path) -> IO[str]:
    """A file to write that only this account can read."""
    path.touch(mode=0o600)
    return path.open("w", encoding="utf-8", newline="\n")


def _write(path: Path, records: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(line(record) for record in records)


def line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
