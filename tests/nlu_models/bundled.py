"""The models of the bundled data, for the tests that judge it."""

import pytest

from nlu_models import settings
from nlu_models.registry import models_folder
from nlu_models.runtime import Encoder, Models
from nlu_models.runtime.model_folder import CARD_FILE
from nlu_models.training.base_model import find_base_model
from nlu_models.training.dataset import read_dataset
from nlu_models.training.recipe import Recipe
from nlu_models.training.store import model_id


def load_bundled_encoder() -> Encoder:
    """The trained encoder; without one the test is skipped."""
    return load_bundled_models().encoder


def load_bundled_models() -> Models:
    """The trained encoder and recogniser; without them the test is skipped."""
    data = read_dataset(settings.NLU, settings.SENTIMENT, settings.DOMAIN)
    folder = models_folder() / model_id(data, Recipe(), find_base_model())
    if not (folder / CARD_FILE).is_file():
        pytest.skip("the bundled model is not trained; `make test` trains it first")
    return Models.load(folder, settings.CATALOGUE)
