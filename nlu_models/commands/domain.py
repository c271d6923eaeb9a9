"""The intents that the dialogue knows."""

import argparse
from pathlib import Path

from nlu_models import settings
from nlu_models.training.dataset import DataError, domain_intents


def domain_file(options: argparse.Namespace) -> Path | None:
    """The domain that the options name; None when they name none and the checkout has none: labels are not checked.

    Raises:
        DataError: the file that they name is not there.
    """
    file: Path = options.domain
    if file.is_file():
        return file
    if file == settings.DOMAIN:
        return None
    raise DataError([f"{file}:1: no such file"])


def known_intents(options: argparse.Namespace) -> frozenset[str] | None:
    """The intents of the domain that the options name; None when there is none to name.

    Raises:
        DataError: the file that they name is not there, or names no intents.
    """
    file = domain_file(options)
    return None if file is None else domain_intents(file)
