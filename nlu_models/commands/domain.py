"""The intents that the dialogue knows."""

import argparse
from pathlib import Path

import yaml

from nlu_models import settings
from nlu_models.registry import RegistryError
from nlu_models.training.dataset import DataError


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
        DataError: the file that they name is not there.
        RegistryError: the file names no intents.
    """
    file = domain_file(options)
    if file is None:
        return None
    try:
        # An intent with settings is a mapping of its name.
        intents = yaml.safe_load(file.read_text(encoding="utf-8"))["intents"]
        return frozenset(name if isinstance(name, str) else next(iter(name)) for name in intents)
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise RegistryError(f"{file}: no list of intents: {' '.join(str(error).split())}") from None
