"""`attributes`: what is known of customers, as declared, published, proposed."""

import argparse
import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, get_args

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from profiles.attributes import PREFIX
from profiles.commands.stores import with_store
from profiles.conditions import ConditionError
from profiles.protocol import PURPOSES
from profiles.segments import load as load_segments
from profiles.settings import SEGMENTS_FILE
from profiles.store import Store
from profiles.traits import editing
from profiles.traits.comparing import Comparison
from profiles.traits.declared import Attribute, BadDeclaration, Deprecated, Schema, Sensitivity, Type, read
from profiles.traits.migrating import NotMigrated, migrate
from profiles.traits.proposals import proposals, reject
from profiles.traits.publishing import NotPublished, finish, preview, publish, roll_back
from profiles.traits.versions import schema_in_force

Step = Callable[[Store, argparse.Namespace], Awaitable[int]]
_SOURCES = (
    *("shop", "web", "pos", "loyalty", "billing", "survey", "stated", "agent"),
    *("partner:NAME", "import:NAME", "imputed"),
)


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "attributes", help="what is known of customers: list, check, publish, propose, roll back"
    )
    steps = parser.add_subparsers(required=True, metavar="STEP")

    def step(name: str, work: Step | None, words: str, *, dry: bool = False) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = steps.add_parser(name, help=words, description=words)
        one.set_defaults(step=work)
        if dry:
            one.add_argument("--dry-run", action="store_true", help="say what it would do, and do nothing")
        return one

    listed = step("list", _list, "the attributes that are in force")
    listed.add_argument(
        "--weights", action="store_true", help="what each source's word counts for each instead"
    )
    step("check", None, "check data/profiles/attributes.yml, sources.yml and what segments use of them")
    step("publish", _publish, "make what the files declare the version in force", dry=True)
    rolled = step("rollback", _roll_back, "publish an earlier version again", dry=True)
    rolled.add_argument("--to", type=int, metavar="VERSION", help="by default the one before that in force")
    old = step("deprecate", _deprecate, "declare an attribute deprecated in attributes.yml; then publish")
    old.add_argument("name")
    old.add_argument("--why", required=True)
    old.add_argument("--instead", metavar="NAME", help="the attribute to be used instead")
    moved = step(
        "migrate", _migrate, "give the values of a deprecated attribute to the one used instead", dry=True
    )
    moved.add_argument("name")
    step(
        "proposals",
        _proposals,
        "keys that are sent and not known: how often, which types, what they look like",
    )
    taken = step("accept", _accept, "declare a proposed key as an attribute in attributes.yml; then publish")
    taken.add_argument("key")
    taken.add_argument(
        "--purpose", action="append", required=True, choices=PURPOSES, help="may be given again"
    )
    taken.add_argument("--name", help="by default that of the key, with underscores")
    taken.add_argument("--title", help="for people; by default the name in words")
    taken.add_argument("--type", choices=get_args(Type), help="by default what most of its values are")
    taken.add_argument("--source", action="append", help="who may say it; by default who does")
    taken.add_argument("--sensitivity", choices=get_args(Sensitivity), default="ordinary")
    taken.add_argument("--retention-days", type=int)
    refused = step("reject", _reject, "propose a key no more; it is still not kept")
    refused.add_argument("key")
    refused.add_argument("--why", required=True)
    return parser


def run(options: argparse.Namespace) -> int:
    """Run one step; 1 when something stands against it, which is said."""
    step: Step | None = options.step
    try:
        return check() if step is None else asyncio.run(with_store(lambda store: step(store, options)))
    except (BadDeclaration, ConditionError, NotPublished, NotMigrated) as error:
        print(error)
        return 1


def check() -> int:
    """Whether the files can be published, as far as they can tell.

    Raises:
        BadDeclaration, ConditionError
    """
    schema = _declared()
    for name in load_segments(SEGMENTS_FILE, schema).kinds:
        for one in schema.attributes:
            if one.seen == name.removeprefix(PREFIX) and one.deprecated is not None:
                print(f"segments use {one.name}, which is deprecated: {one.deprecated.why}")
    counts = [
        f"{sum(one.held == held for one in schema.attributes)} {held}"
        for held in ("core", "derived", "dynamic")
    ]
    print(
        f"version {schema.version}: {', '.join(counts)} attributes, {len(schema.matrix.sources)} rated sources"
    )
    return 0


def _declared() -> Schema:
    schema = read()
    load_segments(SEGMENTS_FILE, schema)
    return schema


async def _list(store: Store, options: argparse.Namespace) -> int:
    async with store.engine.connect() as connection:
        schema = await schema_in_force(connection)
    if options.weights:
        table = Table("attribute", *_SOURCES, "half-life")
        for one in schema.attributes:
            if one.held != "derived":
                weights = [
                    f"{schema.matrix.weight(source, one.name):.2f}" if one.may_come_from(source) else ""
                    for source in _SOURCES
                ]
                table.add_row(one.name, *weights, f"{schema.matrix.half_life(one.name):g} days")
    else:
        table = Table("attribute", "type", "held", "for", "from", "kept", "since")
        for one in schema.attributes:
            table.add_row(
                one.name + (" (deprecated)" if one.deprecated else ""),
                one.type,
                one.held + (", encrypted" if one.sensitivity == "sensitive" else ""),
                "all" if len(one.purposes) == len(PURPOSES) else ", ".join(sorted(one.purposes)),
                ", ".join(one.sources) or "what happened",
                f"{one.retention_days} days" if one.retention_days else "",
                str(one.since),
            )
    Console(width=None if Console().is_terminal else 200).print(table)
    return 0


async def _publish(store: Store, options: argparse.Namespace) -> int:
    schema = _declared()
    if options.dry_run:
        comparison = await preview(store, schema)
        _say(comparison)
        return 1 if comparison.faults else 0
    with _progress() as moved:
        await finish(store, store.vault, moved)
        comparison = await publish(store, store.vault, schema, moved)
    _say(comparison)
    if comparison.lines:
        print(f"version {schema.version} is in force")
    return 0


async def _roll_back(store: Store, options: argparse.Namespace) -> int:
    with _progress() as moved:
        if not options.dry_run:
            await finish(store, store.vault, moved)
        schema, comparison = await roll_back(store, store.vault, options.to, moved, dry_run=options.dry_run)
    _say(comparison)
    if not options.dry_run:
        print(f"version {schema.version} is in force; attributes.yml still says what it said")
    return 0


async def _deprecate(store: Store, options: argparse.Namespace) -> int:
    version = await _next_version(store)
    deprecated = Deprecated(since=version, why=options.why, instead=options.instead)
    editing.deprecate(options.name, deprecated, version)
    print(f"attributes.yml: {options.name} is deprecated from version {version}; publish it")
    return 0


async def _migrate(store: Store, options: argparse.Namespace) -> int:
    with _progress() as moved:
        outcome = await migrate(store, store.vault, options.name, moved, dry_run=options.dry_run)
    print(f"{outcome.moved} values {'would be given' if options.dry_run else 'given'} over")
    for (reason, example), count in outcome.refused.most_common():
        print(f"{count} not: {reason}, such as {example}")
    return 0


async def _proposals(store: Store, _options: argparse.Namespace) -> int:
    async with store.engine.connect() as connection:
        known = set((await schema_in_force(connection)).by_any_name)
        found = await proposals(connection, known=known)
    table = Table("key", "seen", "share", "types", "look like", "since", "last")
    for one in found:
        table.add_row(
            one.key,
            ", ".join(f"{source} {count}" for source, count in sorted(one.seen.items())),
            f"{one.share:.0%}",
            ", ".join(f"{name} {share:.0%}" for name, share in one.types.items()),
            ", ".join(one.examples),
            f"{one.first_at:%Y-%m-%d}",
            f"{one.last_at:%Y-%m-%d}",
        )
    if found:
        Console(width=None if Console().is_terminal else 200).print(table)
    else:
        print("nothing is sent that is not known or rejected")
    return 0


async def _accept(store: Store, options: argparse.Namespace) -> int:
    async with store.engine.connect() as connection:
        found = {one.key: one for one in await proposals(connection, known=set())}
    proposal = found.get(options.key)
    if proposal is None:
        raise BadDeclaration(f"nobody sends '{options.key}', or it was rejected; see `attributes proposals`")
    version = await _next_version(store)
    name = options.name or proposal.name
    kind = options.type or proposal.type
    if kind is None:
        raise BadDeclaration(f"no attribute can hold what '{options.key}' is; give --type")
    attribute = Attribute(
        name=name,
        title=options.title or name.replace("_", " ").capitalize(),
        type=kind,
        held="dynamic",
        purposes=frozenset(options.purpose),
        sensitivity=options.sensitivity,
        sources=tuple(options.source or sorted(proposal.seen)),
        also=() if name == options.key else (options.key,),
        seen_as=f"days_since_{name}"
        if kind in {"day", "moment"} and options.sensitivity != "sensitive"
        else None,
        retention_days=options.retention_days,
        since=version,
    )
    editing.add(attribute, version)
    print(f"attributes.yml: {name} ({kind}) from version {version}; publish it")
    return 0


async def _reject(store: Store, options: argparse.Namespace) -> int:
    async with store.engine.begin() as connection:
        await reject(connection, options.key, options.why)
    print(f"{options.key} is proposed no more, and still not kept")
    return 0


async def _next_version(store: Store) -> int:
    """What the file has to say to be published after an edit: files may be ahead of what is in force."""
    declared = _declared()
    preview_of = await preview(store, declared)
    async with store.engine.connect() as connection:
        in_force = (await schema_in_force(connection)).version
    ahead = declared.version > in_force and not preview_of.faults
    return declared.version if ahead else in_force + 1


def _say(comparison: Comparison) -> None:
    for line in comparison.lines or ["nothing to publish"]:
        print(line)
    for fault in comparison.faults:
        print(f"not possible: {fault}")


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Counts on stderr."""
    columns = (SpinnerColumn(), TextColumn("{task.completed} done"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield lambda count: bar.advance(task, count)
