"""`keys`: which keys seal what, and a new one."""

import argparse
import asyncio
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import psycopg

from common.settings import load as load_settings
from profiles import database
from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.commands.stores import COMMAND_STATEMENT_SECONDS
from profiles.crypto import Vault
from profiles.protocol import utc_text
from profiles.security.keyring import SWITCH_SECONDS, DatabaseKeys, KeyRing, UnusableDataKey
from profiles.security.reseal import reseal
from profiles.security.sealed import DIRECTLY, count_by_key, load_sealed
from profiles.settings import NewDataKey, StoreSettings


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "keys", help="the keys that seal sensitive fields and sign tokens: list them, take new ones"
    )
    steps = parser.add_subparsers(required=True)
    steps.add_parser("list", help="the keys, and how many values each has sealed").set_defaults(step=_list)
    rotate = steps.add_parser(
        "rotate",
        help="take a new key and seal everything anew with it; goes on with one that was interrupted",
    )
    rotate.add_argument("--dry-run", action="store_true", help="only say what would be done")
    rotate.add_argument(
        "--tokens",
        action="store_true",
        help="a new key for signing tokens instead; the older ones still check",
    )
    rotate.set_defaults(step=_rotate)
    rewrap = steps.add_parser(
        "rewrap", help="wrap all keys with RAPPORT_NEW_DATA_KEY, which is to become RAPPORT_DATA_KEY"
    )
    rewrap.set_defaults(step=_rewrap)
    return parser


def run(options: argparse.Namespace) -> int:
    """Run one of them; 1 when there are values that do not open."""
    settings = load_settings(StoreSettings)
    try:
        code: int = options.step(settings, options)
    except (UnusableDataKey, psycopg.Error) as error:
        raise SystemExit(f"profiles: {error}") from None
    return code


def _list(settings: StoreSettings, _options: argparse.Namespace) -> int:
    counts = _counts(settings)
    for use in ("fields", "tokens"):
        keys = KeyRing(_keys(settings, use)).known()
        for key in keys:
            newest = ", newest" if key is keys[-1] else ""
            sealed = f", {counts[key.key_id]} values" if use == "fields" else ""
            print(f"{key.key_id}: {use}, made {utc_text(key.created_at)}{sealed}{newest}")
    if counts[DIRECTLY]:
        print(f"RAPPORT_DATA_KEY itself: {counts[DIRECTLY]} values; `keys rotate` seals them anew")
    return 0


def _rotate(settings: StoreSettings, options: argparse.Namespace) -> int:
    use = "tokens" if options.tokens else "fields"
    ring = KeyRing(_keys(settings, use))
    newest = ring.newest()
    if options.tokens:
        print(f"key {newest.key_id} signs tokens now")
        if not options.dry_run:
            _note(settings, f"key {ring.add().key_id} signs tokens")
            print(f"key {ring.newest().key_id} will; the others check those that they have signed")
        return 0
    counts = _counts(settings)
    older = counts.total() - counts[newest.key_id]
    print(f"key {newest.key_id} has sealed {counts[newest.key_id]} values, older keys {older}")
    if options.dry_run:
        print(
            "would seal the older ones anew" if older else f"would take a new key for {counts.total()} values"
        )
        return 0
    if not older:
        newest = ring.add()
    _note(settings, f"everything is sealed anew with key {newest.key_id}")
    print(f"sealing anew with key {newest.key_id}", file=sys.stderr)
    return _seal_all(settings, ring)


def _rewrap(settings: StoreSettings, _options: argparse.Namespace) -> int:
    new = load_settings(NewDataKey)
    root = KeyRing(_keys(settings, "root"))
    root.newest()  # made if there is none: it has to be the data key of before
    _note(settings, "all keys are wrapped with another data key")
    count = _keys(settings, "root").wrap_all_with(new.data_key_bytes())
    print(
        f"{count} keys are wrapped with the new data key: set RAPPORT_DATA_KEY to it and restart profiles now"
    )
    return 0


def _seal_all(settings: StoreSettings, ring: KeyRing) -> int:
    """Once over everything, and again when every process has begun to use the new key."""
    vault = Vault(settings.data_key_bytes(), ring, KeyRing(_keys(settings, "root")))
    newest = ring.newest()
    rows = 0
    while True:
        age = (datetime.now(UTC) - newest.created_at).total_seconds()
        with psycopg.connect(settings.database_url) as connection:
            done = reseal(connection, vault, ring, load_sealed(), _progress)
        rows += done.rows
        print(file=sys.stderr)
        if age >= SWITCH_SECONDS:
            break
        wait = SWITCH_SECONDS - age
        print(f"{wait:.0f} s more, until every process uses the new key", file=sys.stderr)
        time.sleep(wait)
    for place, count in done.unreadable.items():
        print(f"{place}: {count} values do not open with any key and stay as they are")
    print(f"{rows} rows are sealed with key {newest.key_id}")
    return 1 if done.unreadable else 0


def _progress(rows: int) -> None:
    print(f"\r{rows} rows", end="", file=sys.stderr, flush=True)


def _counts(settings: StoreSettings) -> Counter[int]:
    with psycopg.connect(settings.database_url) as connection:
        return count_by_key(connection, load_sealed())


def _keys(settings: StoreSettings, use: Any) -> DatabaseKeys:
    return DatabaseKeys(settings.database_url, settings.data_key_bytes(), use)


def _note(settings: StoreSettings, what: str) -> None:
    async def write() -> None:
        engine = database.connect(settings.database_url, COMMAND_STATEMENT_SECONDS)
        by = acting()
        async with engine.begin() as connection:
            await note(connection, [Entry(by.who, "keys", None, what)])
        await engine.dispose()

    asyncio.run(write())
