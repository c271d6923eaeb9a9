"""`erase`: everything of a person goes, from every store."""

import argparse
import json
import sys
from typing import Any

from profiles.commands.rights import with_surroundings
from profiles.rights import erasure
from profiles.rights.jobs import UnderWay


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "erase", help="erase a customer from every store; run it again if it was interrupted"
    )
    parser.add_argument("customer", metavar="CUSTOMER")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be found")
    return parser


def run(options: argparse.Namespace) -> int:
    """Erase, with progress on stderr and the certificate on stdout."""
    if options.dry_run:
        found = with_surroundings(lambda _, around: erasure.plan(around, options.customer))
        for title, count in found.items():
            if count:
                print(f"{count:8}  {title}")
        print(f"{sum(found.values()):8}  in all; nothing was changed")
        return 0
    try:
        certificate = with_surroundings(lambda _, around: erasure.erase(around, options.customer, _say))
    except UnderWay:
        raise SystemExit("profiles: an erasure of this customer is under way") from None
    except erasure.StillWritten as error:
        raise SystemExit(f"profiles: somebody goes on writing about this customer: {error}") from None
    print(json.dumps(certificate, indent=1))
    return 0


def _say(store: str, found: int, number: int, stores: int) -> None:
    print(f"{number:3} of {stores}  {found:8}  {store}", file=sys.stderr, flush=True)
