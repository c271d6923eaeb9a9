"""The intents that the dialogue knows."""

import argparse

import yaml

from nlu_models.registry import RegistryError


def known_intents(options: argparse.Namespace) -> frozenset[str] | None:
    """The intents of the domain that the options name; None when there is no such file.

    Raises:
        RegistryError: the file names no intents.
    """
    if not options.domain.is_file():
        return None
    try:
        # An intent with settings is a mapping of its name.
        intents = yaml.safe_load(options.domain.read_text(encoding="utf-8"))["intents"]
        return frozenset(name if isinstance(name, str) else next(iter(name)) for name in intents)
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise RegistryError(f"{options.domain}: no list of intents: {' '.join(str(error).split())}") from None
