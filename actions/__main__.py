"""`python -m actions serve`, `publish [--dry-run]`, `preview REPLY` and `pages [QUESTION]`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from redis import Redis
from redis.exceptions import RedisError

from actions.settings import DATA, DOMAIN, ActionSettings, PublishSettings
from actions.variants.check import DomainNames, Unpublishable, load_set
from actions.variants.choose import UnknownReply
from actions.variants.compiled import compile_set
from actions.variants.preview import PreviewRequest, preview, read_policy
from actions.variants.schema import VariantSet
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
    publishing.add_argument("--json", action="store_true", help="the outcome as JSON on standard output")
    previewing = commands.add_parser(
        "preview",
        help="what a reply says to several readers, as JSON",
        description="Reads {readers: [{name, customer_id, attributes}], mood, turns, values} from standard input.",
    )
    previewing.add_argument("reply")
    searching = commands.add_parser(
        "pages", help="check the help pages; with a question, say which passages would answer it"
    )
    searching.add_argument("question", nargs="?")
    for command in (publishing, previewing, searching):
        command.add_argument(
            "--data", type=Path, default=DATA, help="another folder of data than the checkout's"
        )
    arguments = parser.parse_args()
    match arguments.command:
        case "publish":
            return _publish(arguments.data, dry_run=arguments.dry_run, as_json=arguments.json)
        case "preview":
            return _preview(arguments.data, arguments.reply)
        case "pages":
            # Imported here: the other commands need no model.
            from actions.retrieval.command import run  # noqa: PLC0415

            return run(arguments.data, arguments.question)
    # Imported here: publishing needs neither Sanic nor the dialogue.
    from actions.server import serve  # noqa: PLC0415

    serve(load(ActionSettings))
    return 0


def _publish(data: Path, *, dry_run: bool, as_json: bool) -> int:
    try:
        variants = load_set(data, DomainNames.of(DOMAIN))
    except Unpublishable as error:
        if as_json:
            _say_json({"published": False, "faults": [vars(fault) for fault in error.faults]})
        else:
            for fault in error.faults:
                print(fault, file=sys.stderr)
            print(f"{error}; nothing was published.", file=sys.stderr)
        return 1
    texts = sum(1 + len(reply.variants) for reply in variants.replies.values())
    counted = f"{len(variants.replies)} replies, {texts} texts"
    outcome = {
        "published": not dry_run,
        "faults": [],
        "version": variants.version,
        "before": None,
        "replies": len(variants.replies),
        "texts": texts,
    }
    if dry_run:
        if as_json:
            _say_json(outcome)
        else:
            print(f"All well: {counted}. Version {variants.version} was not published (--dry-run).")
        return 0
    try:
        before = _switch(variants)
    except RedisError as error:
        print(f"Redis did not take the set ({type(error).__name__}); nothing was published.", file=sys.stderr)
        return 1
    if as_json:
        _say_json({**outcome, "before": before})
    elif before == variants.version:
        print(f"Version {variants.version} was published already: {counted}.")
    else:
        print(f"Published version {variants.version} (before: {before or 'none'}): {counted}. It is live.")
    return 0


def _switch(variants: VariantSet) -> str | None:
    """Publish, and say which version was live before."""
    redis = Redis.from_url(
        load(PublishSettings).redis_url.get_secret_value(),
        decode_responses=True,
        socket_timeout=5,
        socket_connect_timeout=5,
    )
    return publish(redis, variants)


def _preview(data: Path, reply: str) -> int:
    try:
        request = PreviewRequest.model_validate_json(sys.stdin.read())
        variants = load_set(data, DomainNames.of(DOMAIN))
        lines = preview(compile_set(variants), reply, request, read_policy(data))
    except ValidationError as error:
        print(f"standard input: {error.errors()[0]['msg']}", file=sys.stderr)
        return 2
    except Unpublishable as error:
        _say_json({"faults": [vars(fault) for fault in error.faults], "lines": []})
        return 1
    except UnknownReply:
        print(f"there is no reply {reply}", file=sys.stderr)
        return 1
    _say_json({"faults": [], "lines": lines})
    return 0


def _say_json(content: dict[str, Any]) -> None:
    print(json.dumps(content, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
