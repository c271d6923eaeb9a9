"""The commands of `python -m profiles`, one file each: `add_parser(subparsers)` and `run(options)`, the exit code."""

from profiles.commands import check, load, segments, serve

COMMANDS = (serve, load, segments, check)
