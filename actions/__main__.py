"""`python -m actions serve` and `python -m actions publish [--dry-run]`."""

import argparse
import sys

from redis import Redis
from redis.exceptions import RedisError

from actions.settings import DATA, DOMAIN, ActionSettings, PublishSettings
from actions.variants.check import DomainNames, Unpublishable, load_set
from actions.variants.store import publish
from common.settings import load


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m actions", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the action server")
    publishing = commands.add_parser(
        "publish", help="check data/variants and data/decisions/paths.yml, and make them live"
    )
    publishing.add_argument("--dry-run", action="store_true", help="check only")
    arguments = parser.parse_args()
    if arguments.command == "publish":
        return _publish(dry_run=arguments.dry_run)
    # Imported here: publishing needs neither Sanic nor the dialogue.
    from actions.server import serve  # noqa: PLC0415

    serve(load(ActionSettings))
    return 0


def _publish(*, dry_run: bool) -> int:
    try:
        variants = load_set(DATA, DomainNames.of(DOMAIN))
    except Unpublishable as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        print(f"{error}; nothing was published.", file=sys.stderr)
        return 1
    texts = sum(1 + len(reply.variants) for reply in variants.replies.values())
    counted = f"{len(variants.replies)} replies, {texts} texts"
    if dry_run:
        print(f"All well: {counted}. Version {variants.version} was not published (--dry-run).")
        return 0
    settings = load(PublishSettings)
    redis = Redis.from_url(
        settings.redis_url.get_secret_value(),
        decode_responses=True,
        socket_timeout=5,
        socket_connect_timeout=5,
    )
    try:
        before = publish(redis, variants)
    except RedisError as error:
        print(f"Redis did not take the set ({type(error).__name__}); nothing was published.", file=sys.stderr)
        return 1
    if before == variants.version:
        print(f"Version {variants.version} was published already: {counted}.")
    else:
        print(f"Published version {variants.version} (before: {before or 'none'}): {counted}. It is live.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
