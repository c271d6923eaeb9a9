"""`mask`: messages without personal data, for people and records outside of the conversation."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from nlu_models import settings
from nlu_models.commands.predict import InputError
from nlu_models.registry import Registry
from nlu_models.runtime import Models
from nlu_models.runtime.characters import encodable
from nlu_models.runtime.entities import Entities
from nlu_models.runtime.personal import masked, personal_spans
from nlu_models.runtime.spans import Entity, without_overlaps


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "mask",
        help="personal data in messages, as JSON",
        description="Reads a JSON string a line from standard input, or an object {text, entities} with what the"
        " bot found in it, which spares loading a model. Writes an object a line: {masked, spans}.",
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Mask each message of standard input; nothing of it is written to a disk.

    Raises:
        InputError: a line is neither; says which.
        RegistryError: entities must be found, and no model is promoted.
    """

    @cache
    def entities() -> Entities:
        return Models.load(Registry.of_environment().promoted_folder(), settings.CATALOGUE).entities

    for number, line in enumerate(sys.stdin, 1):
        try:
            text, found = _read(line, entities)
        except (KeyError, TypeError, ValueError):
            raise InputError(
                f"standard input:{number}: neither a JSON string nor {{text, entities}}"
            ) from None
        print(json.dumps(mask(text, found), ensure_ascii=False))
    return 0


def mask(text: str, found: Iterable[Entity]) -> dict[str, object]:
    """The message masked, and all spans in it: `start` and `end` count in the message as it was."""
    found = list(found)
    text = encodable(text)
    personal = personal_spans(text, found)
    return {
        "masked": masked(text, personal),
        "spans": [
            {"entity": span.entity, "start": span.start, "end": span.end, "personal": span in personal}
            for span in without_overlaps([*personal, *found])
        ],
    }


def _read(line: str, entities: Callable[[], Entities]) -> tuple[str, list[Entity]]:
    given = json.loads(line)
    if isinstance(given, str):
        return given, entities().extract(given)
    text = given["text"] + ""
    return text, [
        Entity(
            str(item["entity"]),
            str(item["value"]),
            int(item["start"]),
            int(item["end"]),
            str(item.get("extractor", "")),
            float(item.get("confidence", 1.0)),
        )
        for item in given["entities"]
    ]
