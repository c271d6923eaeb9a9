"""`python -m profiles COMMAND`: the commands are in `profiles/commands`."""

import argparse
import os
import sys

from common import logs
from profiles.audit.acting import act_as
from profiles.commands import add_parsers
from profiles.mistakes import Mistake


def main() -> int:
    """Run one command; a mistake of the user's is one line and exit code 1."""
    parser = argparse.ArgumentParser(
        prog="python -m profiles", description="The profile service, and what operators need."
    )
    subparsers = parser.add_subparsers(required=True)
    add_parsers(subparsers, sys.argv[1] if len(sys.argv) > 1 else None)
    options = parser.parse_args()
    logs.configure("profiles")
    act_as(f"operator {os.getuid()}", f"command {sys.argv[1]}")
    try:
        code: int = options.run(options)
    except (Mistake, OSError) as error:
        raise SystemExit(f"profiles: {error}") from None
    return code


if __name__ == "__main__":
    raise SystemExit(main())
