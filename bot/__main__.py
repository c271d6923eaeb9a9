"""`python -m bot serve`: the bot behind its turn channel."""

import argparse
import os
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Read the command line and the environment (docs/contracts.md), and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="The assistant's Rasa bot.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve turns on 127.0.0.1:RAPPORT_BOT_PORT until a signal")
    serve.add_argument("--endpoints", type=Path, default=ROOT / "endpoints.yml")
    serve.add_argument("--credentials", type=Path, default=ROOT / "credentials.yml")
    arguments = parser.parse_args()

    wanted = ("RAPPORT_BOT_PORT", "RAPPORT_RASA_MODEL")
    missing = [name for name in wanted if not os.environ.get(name)]
    if missing:
        sys.exit(f"bot: set {', '.join(missing)}; `make up` sets them all, see docs/contracts.md")
    model = Path(os.environ["RAPPORT_RASA_MODEL"])
    if not model.is_file():
        sys.exit(f"bot: no model at {model}: train one with `rasa train`, or set RAPPORT_RASA_MODEL")
    # Rasa's pinned libraries warn of each other's age at every start.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=FutureWarning)
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # TensorFlow imports it if it can, for what the bot does not use: half a second and 70 MB.
    sys.modules["jax"] = None  # type: ignore[assignment]

    from bot.serve import serve as run  # noqa: PLC0415 (after the filters)

    run(
        port=int(os.environ["RAPPORT_BOT_PORT"]),
        model=model,
        endpoints=arguments.endpoints,
        credentials=arguments.credentials,
    )


if __name__ == "__main__":
    main()
