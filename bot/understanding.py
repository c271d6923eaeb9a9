"""The encoder and the entity extractor of this process, loaded once."""

import os
from functools import lru_cache
from pathlib import Path

from nlu_models.runtime import Encoder, Entities

CATALOGUE = Path(__file__).resolve().parents[1] / "data" / "catalog" / "products.yml"


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The trained encoder in the folder that `RAPPORT_ENCODER_DIR` names.

    Raises:
        KeyError: the variable is not set.
        ModelFolderError: the folder holds no usable encoder.
    """
    return Encoder.load(os.environ["RAPPORT_ENCODER_DIR"])


@lru_cache(maxsize=1)
def entities() -> Entities:
    """The extractor with the shop's catalogue.

    Raises:
        CatalogueError: the catalogue can't be read.
        OSError: the English model is not installed.
    """
    return Entities.load(CATALOGUE)
