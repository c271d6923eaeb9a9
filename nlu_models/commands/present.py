"""The model that the present data, code and settings make, trained or not."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from nlu_models.runtime.model_folder import CARD_FILE
from nlu_models.training.base_model import BaseModel, find_base_model
from nlu_models.training.dataset import Dataset, read_dataset
from nlu_models.training.recipe import Recipe
from nlu_models.training.store import cache_folder, model_id


@dataclass(frozen=True)
class Present:
    """What a training now would start from, and the folder that it would fill."""

    data: Dataset
    recipe: Recipe
    base: BaseModel
    folder: Path

    @classmethod
    def of(cls, options: argparse.Namespace) -> "Present":
        """Read the data that the options name.

        Raises:
            DataError: with every problem of the data.
            BaseModelError: the weights to start from are not there, or not the right ones.
        """
        data = read_dataset(
            options.nlu, options.sentiment, options.domain if options.domain.is_file() else None
        )
        recipe, base = Recipe(), find_base_model()
        return cls(data, recipe, base, cache_folder() / model_id(data, recipe, base))

    @property
    def trained(self) -> bool:
        return (self.folder / CARD_FILE).is_file()
