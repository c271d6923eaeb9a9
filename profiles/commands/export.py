"""`export`: a person's everything."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from profiles.commands.rights import with_surroundings
from profiles.rights import export
from profiles.rights.jobs import UnderWay
from profiles.rights.page import page


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "export", help="everything that is known of a customer, as JSON and as a page"
    )
    parser.add_argument("customer", metavar="CUSTOMER")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a folder, made if it is missing"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Write `export.json` and `export.html`, for their owner only.

    Raises:
        OSError
    """
    try:
        document = with_surroundings(lambda _, around: export.export(around, options.customer))
    except export.NobodyKnown:
        print(f"nothing is known of a customer {options.customer}")
        return 1
    except UnderWay:
        raise SystemExit("profiles: an export of this customer is under way") from None
    options.out.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in (
        ("export.json", json.dumps(document, ensure_ascii=False, indent=1)),
        ("export.html", page(document)),
    ):
        descriptor = os.open(options.out / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(content)
    rows = sum(len(store["rows"]) for store in document["stores"])
    found = sum(bool(store["rows"]) for store in document["stores"])
    print(f"{rows} entries of {found} stores: {options.out / 'export.json'}, {options.out / 'export.html'}")
    return 0
