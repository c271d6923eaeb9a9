"""`python -m bench replay FILE`: recorded conversations through the running system. `python -m bench turn`: speed."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

import httpx
from rich.console import Console

from bench import conversations, replay


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    replaying = commands.add_parser(
        "replay", help="play conversations from a file through the running system"
    )
    replaying.add_argument(
        "file", type=Path, help='JSON lines {"customer": ID or null, "texts": [...]}, or ABCD JSON'
    )
    replaying.add_argument("--out", type=Path, help="also write the outcome as JSON lines")
    replaying.add_argument("--url", default=f"http://127.0.0.1:{os.environ.get('RAPPORT_WEB_PORT', '8080')}")
    timing = commands.add_parser("turn", help="measure a turn against a stock Rasa bot made in the same run")
    timing.add_argument("--turns", type=int, default=300, help="messages of one sender (default 300)")
    commands.add_parser(
        "help-pages", help="measure answers from help pages: milliseconds, and how many are right"
    )
    linking = commands.add_parser("linkage", help="measure how well records of the same person are found")
    linking.add_argument(
        "--datasets", type=Path, help="the folder of FEBRL's files (default: beside the checkout)"
    )
    profiling = commands.add_parser("profiles", help="measure events and reads of the profile service")
    profiling.add_argument(
        "--customers", type=int, default=1_000_000, help="in the database (default 1000000)"
    )
    profiling.add_argument("--events", type=int, default=40_000, help="posted in batches (default 40000)")
    arguments = parser.parse_args()
    if arguments.command == "replay":
        return _replay(arguments)
    if arguments.command == "help-pages":
        from bench import help_pages  # noqa: PLC0415 - loads the model; not needed to replay

        return help_pages.run()
    if arguments.command == "linkage":
        from bench import linkage  # noqa: PLC0415 - loads the model; not needed to replay

        return linkage.run(arguments.datasets or linkage.DATASETS)
    if arguments.command == "profiles":
        from bench import profiles  # noqa: PLC0415 - starts servers; not needed to replay

        return profiles.run(arguments.customers, arguments.events)
    from bench import turn  # noqa: PLC0415 - starts servers; not needed to replay

    return turn.run(turns=arguments.turns)


def _replay(arguments: argparse.Namespace) -> int:
    try:
        recorded = conversations.read(arguments.file)
        played = asyncio.run(replay.replay(arguments.url, recorded, Console()))
    except conversations.UnreadableFileError as error:
        print(error, file=sys.stderr)
        return 2
    except httpx.HTTPStatusError as error:
        print(f"The server refused: {error.response.status_code} {error.response.text}", file=sys.stderr)
        return 1
    except httpx.TransportError as error:
        print(f"No answer from {arguments.url} ({error}). Is `make up` running?", file=sys.stderr)
        return 1
    if arguments.out:
        replay.write(arguments.out, played)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
