"""`python -m nlu_models COMMAND`: the commands are in `nlu_models/commands`."""

import argparse
import signal
import sys
from pathlib import Path

from nlu_models import settings
from nlu_models.commands import COMMANDS
from nlu_models.commands.predict import InputError
from nlu_models.registry import RegistryError
from nlu_models.runtime import CatalogueError, ModelFolderError
from nlu_models.training.base_model import BaseModelError
from nlu_models.training.dataset import DataError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; problems that a person can mend are one line each on stderr, and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m nlu_models", description="The encoder of the assistant.")
    parser.add_argument("--nlu", type=Path, default=settings.NLU, help="folder of Rasa NLU files")
    parser.add_argument(
        "--sentiment", type=Path, default=settings.SENTIMENT, help="folder of sentiment files"
    )
    parser.add_argument("--domain", type=Path, default=settings.DOMAIN, help="Rasa domain: the known intents")
    subparsers = parser.add_subparsers(required=True)
    for command in COMMANDS:
        command.add_parser(subparsers).set_defaults(run=command.run)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a training cleans up behind it
    try:
        code: int = options.run(options)
        return code
    except DataError as error:
        print(
            f"{len(error.problems)} problems in the training data:",
            *error.problems,
            sep="\n",
            file=sys.stderr,
        )
    except (BaseModelError, CatalogueError, InputError, ModelFolderError, RegistryError, OSError) as error:
        print(f"nlu_models: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("nlu_models: interrupted; nothing was kept", file=sys.stderr)
        return 130
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
