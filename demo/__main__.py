"""`python -m demo`: generate the demo world, seed it, serve the shop's order API, show its outbox."""

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import uvicorn

from common import logs, settings
from demo import files, outbox
from demo.generator import generate
from demo.generator.world import DEFAULT_SEED
from demo.seed import seed
from demo.settings import SeedSettings, ShopSettings
from demo.shop import create_app

CUSTOMERS = 5_000


def main(arguments: list[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    if asked.command == "generate":
        return _generate(asked)
    if asked.command == "seed":
        return _seed(asked)
    if asked.command == "outbox":
        return _outbox(asked)
    return _serve()


def _generate(asked: argparse.Namespace) -> int:
    try:
        world = generate(asked.customers, asked.as_of or datetime.now(UTC).date(), asked.seed)
        files.write(world, asked.out)
    except (ValueError, OSError) as error:
        return _failed(str(error))
    print(f"{len(world.customers)} customers written to {asked.out}")
    return 0


def _seed(asked: argparse.Namespace) -> int:
    try:
        seed(settings.load(SeedSettings), asked.customers, asked.seed, asked.as_of, asked.fresh)
    except psycopg.errors.UndefinedTable:
        return _failed("the shop's tables are missing; run `alembic upgrade head` first")
    except psycopg.OperationalError as error:
        return _failed(f"the database does not answer ({type(error).__name__}); is it running?")
    except ValueError as error:
        return _failed(str(error))
    return 0


def _outbox(asked: argparse.Namespace) -> int:
    try:
        for mail in outbox.read(settings.load(SeedSettings), asked.to, asked.last):
            print(f"{mail.at:%Y-%m-%d %H:%M} {mail.message_id} to {mail.to}: {mail.subject}\n{mail.body}\n")
    except psycopg.Error as error:
        return _failed(
            f"the outbox can't be read ({type(error).__name__}); is the database running and migrated?"
        )
    return 0


def _serve() -> int:
    logs.configure("shop")
    read = settings.load(ShopSettings)
    try:
        app = create_app(read)
    except ValueError as error:
        return _failed(str(error))
    uvicorn.run(app, host="127.0.0.1", port=read.shop_port, log_config=None, access_log=False)
    return 0


def _failed(reason: str) -> int:
    print(f"demo: {reason}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    world = argparse.ArgumentParser(add_help=False)
    world.add_argument("--customers", type=int, default=CUSTOMERS, help="how many in all (%(default)s)")
    world.add_argument("--seed", type=int, default=DEFAULT_SEED, help="same number, same world (%(default)s)")
    world.add_argument("--as-of", type=date.fromisoformat, help="the day it is, YYYY-MM-DD (today)")
    write = commands.add_parser("generate", parents=[world], help="write the world to a folder")
    write.add_argument("--out", type=Path, required=True, help="the folder; made when missing")
    fill = commands.add_parser("seed", parents=[world], help="load the world, unless it is loaded")
    fill.add_argument(
        "--fresh", action="store_true", help="load again with dates of today; what was done since is lost"
    )
    mails = commands.add_parser("outbox", help="show what the shop would have mailed")
    mails.add_argument("--to", help="only to this address")
    mails.add_argument("--last", type=int, default=10, help="how many, the newest last (%(default)s)")
    commands.add_parser("serve", help="serve the order API")
    return parser


if __name__ == "__main__":
    sys.exit(main())
