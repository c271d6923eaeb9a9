"""The commands of `python -m profiles`, one file each: `add_parser(subparsers)` and `run(options)`, the exit code."""

from profiles.commands import (
    attributes,
    audit,
    check,
    clients,
    keys,
    link,
    load,
    replay_failed,
    schemas,
    segments,
    serve,
    work,
)

COMMANDS = (serve, work, replay_failed, load, segments, check, link, audit, clients, keys, schemas, attributes)
