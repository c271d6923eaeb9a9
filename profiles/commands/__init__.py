"""The commands of `python -m profiles`, one file each: `add_parser(subparsers)` and `run(options)`, the exit code.

They share few libraries, and all of them together take seconds to import: only the one that is asked for is.
"""

import importlib
from typing import Any

#: The file of each command, in the order in which `--help` names them.
COMMANDS = {
    "serve": "serve",
    "work": "work",
    "replay-failed": "replay_failed",
    "load": "load",
    "segments": "segments",
    "check": "check",
    "link": "link",
    "candidates": "candidates",
    "merge": "merge",
    "unmerge": "unmerge",
    "reconsider": "reconsider",
    "audit": "audit",
    "clients": "clients",
    "import": "imports",
    "enrich": "enrich",
    "erase": "erase",
    "export": "export",
    "retention": "retention",
    "analytics-copy": "analytics_copy",
    "stores": "stores_list",
    "keys": "keys",
    "schemas": "schemas",
    "quality": "quality",
    "attributes": "attributes",
}


def add_parsers(subparsers: Any, asked: str | None) -> None:
    """Add the command that is asked for to the command line; all of them when none or an unknown one is."""
    for name in [asked] if asked in COMMANDS else COMMANDS:
        command = importlib.import_module(f"profiles.commands.{COMMANDS[name]}")
        command.add_parser(subparsers).set_defaults(run=command.run)
