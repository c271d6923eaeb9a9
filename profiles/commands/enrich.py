"""`enrich`: what a partner knows of customers who allow it."""

import argparse
import asyncio
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from profiles.commands.stores import with_store
from profiles.enrichment.client import PartnerClient
from profiles.enrichment.partners import UnusablePartner, access_to, read_partner
from profiles.enrichment.running import Enriched, Enrichment
from profiles.store import Store
from profiles.traits.versions import schema_in_force


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "enrich",
        help="ask a partner about customers who allow it",
        description="Ask a partner of data/profiles/partners.yml about customers who allow its purpose and of whom "
        "it has told nothing that still counts. It gets the SHA-256 of the e-mail address, and nothing else.",
    )
    parser.add_argument("--partner", required=True, metavar="NAME")
    parser.add_argument(
        "--dry-run", action="store_true", help="say about how many; ask nobody, change nothing"
    )
    parser.add_argument("--limit", type=_positive, metavar="N", help="ask about so many customers at most")
    return parser


def run(options: argparse.Namespace) -> int:
    """Ask; 1 when the partner failed before the end: the next run goes on from there."""
    try:
        return asyncio.run(with_store(lambda store: _enrich(store, options)))
    except UnusablePartner as error:
        print(f"profiles: {error}")
        return 2


async def _enrich(store: Store, options: argparse.Namespace) -> int:
    async with store.engine.connect() as connection:
        partner = read_partner(options.partner, await schema_in_force(connection))
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(partner.name, total=None)

        def show(done: Enriched) -> None:
            bar.update(task, description=f"{partner.name}: {done.asked} asked, {done.known} known")

        if options.dry_run:
            done = await Enrichment(store, partner, None, options.limit, show).run()
        else:
            async with PartnerClient(partner, access_to(partner)) as client:
                done = await Enrichment(store, partner, client, options.limit, show).run()
    return _say(done, dry_run=options.dry_run)


def _say(done: Enriched, *, dry_run: bool) -> int:
    print(f"{done.refused_by_customer:8}  customers who do not allow it: nothing was told or kept")
    if dry_run:
        print(f"{done.asked:8}  customers would be asked about; nobody was")
        return 0
    print(f"{done.asked:8}  asked about\n{done.known:8}  known to the partner\n{done.values:8}  values kept")
    if done.unfit or done.unusable:
        print(f"{done.unfit:8}  values that do not fit\n{done.unusable:8}  answers that make no sense")
    if done.stopped is not None:
        print(f"stopped: {done.stopped}. What was answered is kept; run it again to go on.")
        return 1
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
