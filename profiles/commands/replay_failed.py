"""`replay-failed`: events that could not be applied are put back into the stream."""

import argparse
import asyncio
from collections import Counter
from typing import Any

from redis import RedisError
from redis.asyncio import Redis

from common.settings import load as load_settings
from profiles.commands.stores import with_store
from profiles.crypto import Vault
from profiles.events.dead import DeadLetters
from profiles.events.stream import RedisEventStream, StreamUnavailable
from profiles.settings import StoreSettings


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "replay-failed",
        help="put events that could not be applied back into the stream, once the cause is mended",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say how many there are, and why")
    return parser


def run(options: argparse.Namespace) -> int:
    """Say what was laid aside, and put it back; 1 when something holds no events."""
    settings = load_settings(StoreSettings)
    try:
        return asyncio.run(
            with_store(lambda store: _replay(store.vault, settings.redis_url, dry_run=options.dry_run))
        )
    except (RedisError, OSError, StreamUnavailable) as error:
        raise SystemExit(f"profiles: Redis can't be reached ({type(error).__name__})") from None


async def _replay(vault: Vault, redis_url: str, *, dry_run: bool) -> int:
    async with Redis.from_url(redis_url) as redis:
        letters = DeadLetters(redis, vault)
        reasons = Counter([letter.reason async for _, letter in letters.read()])
        for reason, count in reasons.most_common():
            print(f"{count}: {reason}")
        if dry_run:
            print(f"{reasons.total()} would be put back")
            return 0
        stream = RedisEventStream(redis_url, vault)
        replayed = await letters.replay(stream)
        await stream.close()
    print(f"{replayed.events} events put back; those that fail again are laid aside again")
    if replayed.unreadable:
        print(f"{replayed.unreadable} hold no events and stay where they are")
    return 1 if replayed.unreadable else 0
