"""Parquet files of events, each encrypted as a whole with a key of its own (AES-GCM of the Parquet format)."""

import json
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from profiles.events.envelope import Event

KEY_BYTES = 32
#: What occurred longer before it was received has no folder of its day: somebody who sends events of all days that
#: have been would make a file for each.
_LATE = timedelta(days=7)
#: A clock may be a little ahead.
_EARLY = timedelta(days=1)
_MOMENT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("message_id", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("user_id", pa.string()),
        pa.field("anonymous_id", pa.string()),
        # Of a track event or a page.
        pa.field("name", pa.string()),
        pa.field("timestamp", _MOMENT, nullable=False),
        pa.field("received_at", _MOMENT, nullable=False),
        pa.field("source", pa.string(), nullable=False),
        # `properties`, `traits`, `context` and the other ids, as JSON.
        pa.field("document", pa.string(), nullable=False),
    ]
)


def table_of(events: Sequence[Event]) -> pa.Table:
    """Events as rows."""
    columns = {
        "message_id": [event.message_id for event in events],
        "type": [event.type for event in events],
        "user_id": [event.user_id for event in events],
        "anonymous_id": [event.anonymous_id for event in events],
        "name": [event.event or event.name for event in events],
        "timestamp": [event.timestamp for event in events],
        "received_at": [event.received_at for event in events],
        "source": [event.source for event in events],
        "document": [event.document() for event in events],
    }
    return pa.table(columns, schema=SCHEMA)


def by_folder(events: Iterable[Event]) -> dict[str, pa.Table]:
    """Events as rows of the folders that they belong to."""
    together: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        together[_folder_of(event)].append(event)
    return {folder: table_of(those) for folder, those in together.items()}


def _folder_of(event: Event) -> str:
    day = event.timestamp.astimezone(UTC).date()
    received = event.received_at.astimezone(UTC).date()
    return f"day={day}" if -_EARLY <= received - day <= _LATE else f"late={received}"


def can_hold(event: Event) -> bool:
    """Whether an event can be a row of a day."""
    try:
        by_folder([event])
    except (ValueError, OverflowError, pa.ArrowException):
        return False
    return True


def events_of(table: pa.Table) -> list[Event]:
    """The rows as events again."""
    return [
        Event.model_validate(
            {**json.loads(row["document"]), **row, "event" if row["type"] == "track" else "name": row["name"]}
            | ({"name": None} if row["type"] == "track" else {})
        )
        for row in table.to_pylist()
    ]


def of_people(table: pa.Table, user_ids: Collection[str], anonymous_ids: Collection[str]) -> pa.ChunkedArray:
    """Which rows are about these customers and devices. What somebody else did on a device is not among them."""
    users = table.column("user_id")
    on_device = pc.and_(pc.is_null(users), _is_in(table.column("anonymous_id"), anonymous_ids))
    previous = pa.chunked_array([_previous_ids(table)], pa.string())
    renamed = _is_in(previous, {*user_ids, *anonymous_ids})
    return pc.or_(pc.or_(_is_in(users, user_ids), on_device), renamed)


def _previous_ids(table: pa.Table) -> pa.Array:
    """Of alias events, the id that became part of another."""
    kinds, documents = table.column("type").to_pylist(), table.column("document")
    return pa.array(
        [
            json.loads(documents[row].as_py()).get("previousId") if kind == "alias" else None
            for row, kind in enumerate(kinds)
        ],
        pa.string(),
    )


def _is_in(column: pa.ChunkedArray, values: Collection[str]) -> pa.ChunkedArray:
    return pc.fill_null(pc.is_in(column, value_set=pa.array(sorted(values), pa.string())), False)


def days_of(table: pa.Table) -> tuple[date, date]:
    """The first and the last day on which one of the rows occurred, of which there is at least one."""
    ends = pc.min_max(table.column("timestamp")).as_py()
    return ends["min"].date(), ends["max"].date()


def occurred(table: pa.Table, first: date, last: date) -> pa.Table:
    """The rows of the days from `first` to `last`."""
    times = table.column("timestamp")
    begin, end = (pa.scalar(_midnight(day), _MOMENT) for day in (first, last + timedelta(days=1)))
    return table.filter(pc.and_(pc.greater_equal(times, begin), pc.less(times, end)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def write(file: Path, table: pa.Table, key: bytes) -> None:
    """Write a file, whole or not at all; one of the same name is replaced."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    properties = pe.create_encryption_properties(key)
    pq.write_table(table, unfinished, compression="zstd", encryption_properties=properties)
    with unfinished.open("rb") as written:
        os.fsync(written.fileno())
    unfinished.replace(file)


def read(file: Path, key: bytes) -> pa.Table:
    """The rows of a file.

    Raises:
        OSError: there is none, or it can't be opened with this key.
    """
    return pq.read_table(file, decryption_properties=pe.create_decryption_properties(key))


def distinct(tables: Iterable[pa.Table]) -> pa.Table:
    """All rows, each message once: senders repeat themselves, and a worker that was killed writes again."""
    whole = pa.concat_tables([SCHEMA.empty_table(), *tables])
    first: dict[str, int] = {}
    for index, message_id in enumerate(whole.column("message_id").to_pylist()):
        first.setdefault(message_id, index)
    return whole.take(pa.array(first.values(), pa.int64()))
