"""`python -m profiles COMMAND`: the commands are in `profiles/commands`."""

import argparse
import os
import sys

from common import logs
from profiles import bulk
from profiles.audit.acting import act_as
from profiles.commands import COMMANDS
from profiles.conditions import ConditionError
from profiles.identity.golden import MergedAway
from profiles.keys import UnusableKeys
from profiles.store import InteractionTaken
from profiles.traits.declared import BadDeclaration


def main() -> int:
    """Run one command; a mistake of the user's is one line and exit code 1."""
    parser = argparse.ArgumentParser(
        prog="python -m profiles", description="The profile service, and what operators need."
    )
    subparsers = parser.add_subparsers(required=True)
    for command in COMMANDS:
        command.add_parser(subparsers).set_defaults(run=command.run)
    options = parser.parse_args()
    logs.configure("profiles")
    act_as(f"operator {os.getuid()}", f"command {sys.argv[1]}")
    try:
        code: int = options.run(options)
    except (BadDeclaration, ConditionError, UnusableKeys, bulk.BadRecord, OSError) as error:
        raise SystemExit(f"profiles: {error}") from None
    except MergedAway as error:
        raise SystemExit(f"profiles: {error}") from None
    except InteractionTaken:
        raise SystemExit("profiles: an interaction id of the file belongs to another customer") from None
    return code


if __name__ == "__main__":
    raise SystemExit(main())
