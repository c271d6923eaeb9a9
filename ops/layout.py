"""Where things lie: the checkout, its two environments, local state and the cache of trained models."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
APP_ENVIRONMENT = CHECKOUT / ".venv"
RASA_ENVIRONMENT = CHECKOUT / ".venv-rasa"
APP_PYTHON = APP_ENVIRONMENT / "bin" / "python"
RASA_PYTHON = RASA_ENVIRONMENT / "bin" / "python"


def state_folder() -> Path:
    """`RAPPORT_STATE`: database files, secrets and logs of this installation."""
    return Path(os.environ.get("RAPPORT_STATE") or CHECKOUT / ".rapport").expanduser().resolve()


def cache_folder() -> Path:
    """`RAPPORT_CACHE`: trained models by content, which checkouts may share."""
    return Path(os.environ.get("RAPPORT_CACHE") or "~/.cache/rapport").expanduser().resolve()


def encoder_registry(state: Path) -> Path:
    """Which encoder an installation has promoted, in its folder of local state."""
    return state / "encoder.json"
