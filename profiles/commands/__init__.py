"""The commands of `python -m profiles`, one file each: `add_parser(subparsers)` and `run(options)`, the exit code."""

from profiles.commands import (
    attributes,
    audit,
    check,
    clients,
    erase,
    export,
    keys,
    link,
    load,
    quality,
    replay_failed,
    retention,
    schemas,
    segments,
    serve,
    work,
)

COMMANDS = (
    serve,
    work,
    replay_failed,
    load,
    segments,
    check,
    link,
    audit,
    clients,
    erase,
    export,
    retention,
    keys,
    schemas,
    quality,
    attributes,
)
