"""`python -m actions publish` and `rollback`: what would change, then the switch, then what was changed."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from actions.settings import DOMAIN, PublishSettings
from actions.variants.changes import Change, TextChange, Wording, as_json, between
from actions.variants.check import DomainNames, Unpublishable, load_set
from actions.variants.schema import VariantSet
from actions.variants.store import Live, NotAsShown, NothingToGoBackTo, earlier, live, publish, roll_back
from common.settings import load

_SECONDS = 5


@dataclass(frozen=True)
class How:
    """How a command was called.

    Attributes:
        only: the version that was looked at; nothing is done when it would be another by now.
    """

    dry_run: bool
    as_json: bool
    only: str | None


def publish_files(data: Path, how: How) -> int:
    """Check the files, and make them live unless it is a dry run; the exit code.

    A dry run compares with what is live where `REDIS_URL` is set; without it, it only checks.
    """
    try:
        variants = load_set(data, DomainNames.of(DOMAIN))
    except Unpublishable as error:
        return _tell_faults(error, how)
    if how.only is not None and how.only != variants.version:
        return _refuse(f"the files make version {variants.version} by now, not {how.only}; look again")
    try:
        before = _looked_at() if how.dry_run else publish(_redis(), variants)
    except RedisError as error:
        what = "can't be asked what is live" if how.dry_run else "did not take the set"
        return _refuse(f"Redis {what} ({type(error).__name__}); nothing was published")
    changes = None if before is None else _from(before, variants)
    texts = sum(1 + len(reply.variants) for reply in variants.replies.values())
    if how.as_json:
        say_json(
            {
                "published": not how.dry_run,
                "faults": [],
                "version": variants.version,
                "before": before.version if before else None,
                "replies": len(variants.replies),
                "texts": texts,
                "changes": as_json(changes),
            }
        )
        return 0
    counted = f"{len(variants.replies)} replies, {texts} texts"
    was = before.version if before else None
    if how.dry_run:
        print(f"All well: {counted}. Version {variants.version} was not published (--dry-run).")
    elif was == variants.version:
        print(f"Version {variants.version} was published already: {counted}.")
    else:
        print(f"Published version {variants.version} (before: {was or 'none'}): {counted}. It is live.")
    if was is not None:
        _print_changes(changes)
    return 0


def bring_back(how: How) -> int:
    """Make the set live that was before the present one, unless it is a dry run; the exit code."""
    redis = _redis()
    try:
        was, back = (live(redis), earlier(redis)) if how.dry_run else roll_back(redis, how.only)
    except NothingToGoBackTo:
        return _refuse("no set that was published before is kept: there is nothing to go back to")
    except NotAsShown as error:
        return _refuse(f"{error}; look again")
    except RedisError as error:
        return _refuse(f"Redis can't be asked ({type(error).__name__}); nothing was rolled back")
    changes = _from(was, back)
    if how.as_json:
        say_json(
            {
                "rolled_back": not how.dry_run,
                "version": back.version,
                "before": was.version,
                "changes": as_json(changes),
            }
        )
        return 0
    done = "would come back (--dry-run)" if how.dry_run else "is live again"
    print(f"Version {back.version} {done}; before: {was.version}.")
    _print_changes(changes)
    return 0


def say_json(content: dict[str, Any]) -> None:
    print(json.dumps(content, ensure_ascii=False))


def _redis() -> "Redis":
    """Raises:
    SystemExit: `REDIS_URL` is not set.
    """
    return Redis.from_url(
        load(PublishSettings).redis_url.get_secret_value(),
        decode_responses=True,
        socket_timeout=_SECONDS,
        socket_connect_timeout=_SECONDS,
    )


def _looked_at() -> Live | None:
    return live(_redis()) if "REDIS_URL" in os.environ else None


def _from(before: Live, after: VariantSet) -> tuple[Change, ...] | None:
    """None when what is live can't be read, or nothing is."""
    return None if before.variants is None else between(before.variants, after)


def _tell_faults(error: Unpublishable, how: How) -> int:
    if how.as_json:
        say_json({"published": False, "faults": [vars(fault) for fault in error.faults]})
    else:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        print(f"{error}; nothing was published.", file=sys.stderr)
    return 1


def _refuse(words: str) -> int:
    print(f"{words}.", file=sys.stderr)
    return 1


def _print_changes(changes: Sequence[Change] | None) -> None:
    if changes is None:
        print("What is live can't be read by this version, so what differs can't be told.")
    elif not changes:
        print("Nothing differs from what was live.")
    for change in changes or ():
        print(f"{change.kind}: {change.name}")
        for text in change.texts:
            _print_text(text)
        if change.order is not None:
            print(f"  tried in the order {', '.join(change.order[1])}; before: {', '.join(change.order[0])}")


def _print_text(text: TextChange) -> None:
    print(f"  {text.kind}: {text.variant}")
    for sign, wording in (("-", text.old), ("+", text.new)):
        if wording is not None:
            print(f"    {sign} {_written(wording)}")


def _written(wording: Wording) -> str:
    parts = [wording.text]
    if wording.when is not None:
        parts.append(f"[when {wording.when}]")
    parts += [f"[button: {button}]" for button in wording.quick_replies]
    return " ".join(parts)
