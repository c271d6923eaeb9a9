"""Where the demo's content lives, and how its YAML becomes typed."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict

DATA = Path(__file__).resolve().parent.parent / "data"

Document = TypeVar("Document", bound="Content")


class Content(BaseModel):
    """Base of everything read from YAML: a key that nobody knows is an error, not a silent loss."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read(path: Path, kind: type[Document]) -> Document:
    """Read one YAML file.

    Raises:
        ValueError: the file does not fit `kind`; the message names the file and each field.
    """
    try:
        return kind.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: {error}") from None
