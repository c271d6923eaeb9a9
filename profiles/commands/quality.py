"""`quality`: how good the data are; what is in a table; filling in what nobody said."""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis

from common.settings import load as load_settings
from profiles.commands.stores import COMMAND_STATEMENT_SECONDS, open_stores, require_database
from profiles.crypto import Vault
from profiles.quality.imputation import UnusableImputation, read_plan
from profiles.quality.imputing import NotForImputation, impute
from profiles.quality.profiling import profile
from profiles.quality.reading import rows_of, table_names
from profiles.quality.report import REPORT, Report
from profiles.quality.rules import UnusableRules, read_rules
from profiles.quality.run import keep, make_report
from profiles.quality.words import profile_text, report_text
from profiles.segments import load as load_segments
from profiles.settings import SEGMENTS_FILE, StoreSettings
from profiles.store import Store
from profiles.traits.declared import BadDeclaration
from profiles.traits.versions import schema_in_force

MOST_ROWS = 20_000
#: Columns that may hold a word of a person, or say who they are.
_OF_PEOPLE = {"customer_id", "anonymous_id", "origin_id", "message_id", "document", "value", "examples"}


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "quality", help="measure the data and keep the report; profile a table; impute"
    )
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")
    parser.set_defaults(step=_measure)
    steps = parser.add_subparsers()
    table = steps.add_parser(
        "profile", help="types, missing, distinct and common values of a table's columns"
    )
    table.add_argument("table", metavar="TABLE")
    table.set_defaults(step=_profile)
    filling = steps.add_parser(
        "impute", help="fill in what nobody said, as data/profiles/imputation.yml says"
    )
    filling.add_argument("--dry-run", action="store_true", help="say what would be done")
    filling.set_defaults(step=_impute)
    return parser


def run(options: argparse.Namespace) -> int:
    """Run one of them; measuring ends with 1 when there are alarms."""
    try:
        return asyncio.run(_with_stores(options))
    except (UnusableRules, UnusableImputation, NotForImputation, BadDeclaration) as error:
        raise SystemExit(f"profiles: {error}") from None


async def _with_stores(options: argparse.Namespace) -> int:
    settings = load_settings(StoreSettings)
    segments = load_segments(SEGMENTS_FILE)
    store, views, vault = open_stores(settings, segments, COMMAND_STATEMENT_SECONDS)
    step: Callable[[Store, Vault, Redis, argparse.Namespace], Awaitable[int]] = options.step
    async with Redis.from_url(settings.redis_url) as redis:
        try:
            await require_database(store)
            return await step(store, vault, redis, options)
        finally:
            await views.close()
            await store.engine.dispose()


async def _measure(store: Store, vault: Vault, redis: Redis, options: argparse.Namespace) -> int:
    report: Report = await make_report(store.engine, redis, vault, read_rules())
    await keep(store.engine, report)
    if options.json:
        print(json.dumps(REPORT.dump_python(report, mode="json"), indent=1))
    else:
        print(report_text(report))
    return int(bool(report.alarms))


async def _profile(store: Store, _vault: Vault, _redis: Redis, options: argparse.Namespace) -> int:
    async with store.engine.connect() as connection:
        tables = await table_names(connection)
        if options.table not in tables:
            raise SystemExit(f"profiles: there is no table {options.table}; tables: {', '.join(tables)}")
        rows = await rows_of(connection, options.table, MOST_ROWS)
        schema = await schema_in_force(connection)
    personal = {attribute.name for attribute in schema.attributes if attribute.sensitivity != "ordinary"}
    columns = profile(rows, personal | _OF_PEOPLE)
    if options.json:
        print(json.dumps([column.__dict__ for column in columns], indent=1))
    else:
        print(profile_text(columns))
    return 0


async def _impute(store: Store, vault: Vault, _redis: Redis, options: argparse.Namespace) -> int:
    for name, done in (await impute(store, vault, read_plan(), dry_run=options.dry_run)).items():
        filled = ", ".join(f"{value} {count}" for value, count in done.filled.most_common()) or "nothing"
        print(f"{name}: filled in {filled}; left open {done.left_open}; taken back {done.taken_back}")
    return 0
