"""`audit`: is the log as it was written, what does it say about a customer, sign where it stands."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select

from common.settings import load as load_settings
from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.audit.checkpoints import UnreadableCheckpoints, UnusableAuditKey, in_database, in_file
from profiles.audit.settings import AuditSettings
from profiles.audit.tables import AuditEntry
from profiles.audit.verify import Report, verify
from profiles.audit.watch import check_and_sign
from profiles.commands.stores import with_store
from profiles.protocol import utc_text
from profiles.store import Store


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "audit", help="verify the audit log, show what it says about a customer, sign where it stands"
    )
    steps = parser.add_subparsers(required=True)
    check = steps.add_parser("verify", help="find entries that were edited, taken out or cut off")
    check.set_defaults(step=_verify)
    sign = steps.add_parser("checkpoint", help="verify what is new and sign where the log stands")
    sign.set_defaults(step=_checkpoint)
    show = steps.add_parser("show", help="who read or changed a customer, when and why")
    show.add_argument("--customer", required=True, metavar="ID")
    show.add_argument("--limit", type=int, default=100, help="at most so many of the newest entries (100)")
    show.set_defaults(step=_show)
    return parser


def run(options: argparse.Namespace) -> int:
    """Run one of them; 1 when the log is not as it was written."""
    step: Callable[[Store, argparse.Namespace], Awaitable[int]] = options.step
    try:
        return asyncio.run(with_store(lambda store: step(store, options)))
    except (UnusableAuditKey, UnreadableCheckpoints) as error:
        raise SystemExit(f"profiles: {error}") from None


async def _verify(store: Store, _options: argparse.Namespace) -> int:
    settings = load_settings(AuditSettings)
    async with store.engine.connect() as connection:
        checkpoints = [*await in_database(connection), *in_file(settings.file())]
    return _say(await verify(store.engine, settings.keys(), checkpoints))


async def _checkpoint(store: Store, _options: argparse.Namespace) -> int:
    settings = load_settings(AuditSettings)
    report = await check_and_sign(store.engine, settings)
    code = _say(report)
    if code == 0 and report.entries:
        print(f"entry {report.last[0]} signed in {settings.file()}")
    return code


async def _show(store: Store, options: argparse.Namespace) -> int:
    pseudonym = store.vault.pseudonym(options.customer)
    newest = (
        select(AuditEntry)
        .where(AuditEntry.customer_pseudonym == pseudonym)
        .order_by(AuditEntry.sequence.desc())
        .limit(options.limit)
    )
    by = acting()
    async with store.engine.begin() as connection:
        entries = (await connection.execute(newest)).all()
        await note(connection, [Entry(by.who, "audit log", pseudonym, by.why)])
    for entry in reversed(entries):
        print(f"{entry.sequence}  {utc_text(entry.at)}  {entry.who}  {entry.what}  {entry.why}")
    if not entries:
        print("nothing")
    return 0


def _say(report: Report) -> int:
    for fault in report.faults:
        print(fault)
    if report.faults:
        return 1
    print(
        f"{report.entries} entries up to {report.last[0]} are as they were written, {report.checkpoints} checkpoints"
    )
    return 0
