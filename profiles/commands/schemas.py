"""`schemas`: the declared types of events, and whether events are as declared."""

import argparse
import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from common.problems import Problem
from profiles.collect.messages import read_message
from profiles.commands.stores import with_store
from profiles.quality.reading import UndeclaredKey, undeclared_keys
from profiles.quality.registry import UnusableSchemas, read_types
from profiles.quality.run import KEY_DAYS, MOST_EVENTS
from profiles.quality.schemas import Registry, registry
from profiles.store import Store


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "schemas", help="the declared types of events; check them, or events against them"
    )
    steps = parser.add_subparsers(required=True)
    listing = steps.add_parser("list", help="each type: its version, what it is for, its properties")
    listing.set_defaults(step=_list)
    check = steps.add_parser(
        "check", help="are the schemas usable, and does each version accept what the one before it did"
    )
    check.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="check events too: JSON lines, as they are posted"
    )
    check.set_defaults(step=_check)
    proposing = steps.add_parser(
        "proposals", help="properties that events have and no type declares, as lines for the types' files"
    )
    proposing.set_defaults(step=_propose)
    return parser


def run(options: argparse.Namespace) -> int:
    """Run one of them; 1 when something is not as declared."""
    step: Callable[[argparse.Namespace], int] = options.step
    try:
        return step(options)
    except UnusableSchemas as error:
        print(error)
        return 1


def _list(_options: argparse.Namespace) -> int:
    for name, declared in read_types().items():
        newest = declared.versions[-1]
        required = newest.json_schema.get("required", [])
        words = [
            f"{key}{'*' if key in required else ''}{' (sensitive)' if key in declared.sensitive else ''}"
            for key in newest.json_schema.get("properties", {})
        ]
        print(
            f"{name}, version {newest.version}, {declared.purpose}: {declared.about}\n    {', '.join(words)}"
        )
    return 0


def _propose(_options: argparse.Namespace) -> int:
    return asyncio.run(with_store(_print_proposals))


async def _print_proposals(store: Store) -> int:
    since = datetime.now(UTC) - timedelta(days=KEY_DAYS)
    async with store.engine.connect() as connection:
        found = await undeclared_keys(connection, registry(), since, MOST_EVENTS)
    for name, keys in groupby(found, key=lambda one: one.event):
        print(f"{name}:")
        for one in keys:
            print(
                f"  {one.key}: {_proposed(one)}  # {one.events} of {one.of_events}, from {', '.join(one.sources)}"
            )
    if not found:
        print("events have what their types declare")
    return 0


def _proposed(one: UndeclaredKey) -> str:
    """A schema that takes what was sent. `null` is as good as absent, and nothing is known of what is sealed."""
    types = [name for name in one.types if name not in {"null", "sealed"}]
    return json.dumps({"type": types[0] if len(types) == 1 else types} if types else {}).replace('"', "")


def _check(options: argparse.Namespace) -> int:
    types = read_types()
    print(f"{len(types)} event types, {sum(len(one.versions) for one in types.values())} versions: usable")
    return _check_events(Registry(types), options.file) if options.file else 0


def _check_events(registry: Registry, file: Path) -> int:
    """Raises OSError."""
    wrong = lines = 0
    with file.open("rb") as opened:
        for lines, line in enumerate(opened, start=1):
            found = _problems(registry, line)
            wrong += bool(found)
            for problem in found:
                print(f"line {lines}: {problem}")
    print(f"{lines} events, {wrong} not as declared")
    return int(wrong > 0)


def _problems(registry: Registry, line: bytes) -> list[str]:
    try:
        kind = json.loads(line).get("type", "track")
        arrived = read_message(line, kind, "check", datetime.now(UTC))
    except (ValueError, AttributeError, Problem):
        return ["this is no JSON object"]
    return [bad.detail for bad in arrived.bad] + [
        problem for event in arrived.events for problem in registry.check(event)
    ]
