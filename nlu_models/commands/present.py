"""The model that the present data, code and settings make, trained or not."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu_models.commands.domain import domain_file
from nlu_models.registry import models_folder
from nlu_models.runtime import ModelFolderError
from nlu_models.training.base_model import BaseModel, find_base_model
from nlu_models.training.dataset import Dataset, read_dataset
from nlu_models.training.recipe import Recipe
from nlu_models.training.store import check_trained, model_id


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
        data = read_dataset(options.nlu, options.sentiment, domain_file(options))
        recipe, base = Recipe(), find_base_model()
        return cls(data, recipe, base, models_folder() / model_id(data, recipe, base))

    def lacks(self) -> str | None:
        """Why the folder holds no usable model, or None when it does."""
        try:
            check_trained(self.folder)
        except ModelFolderError as error:
            return str(error)
        return None

    def made(self, card: dict[str, Any]) -> bool:
        """Whether the model with this card learnt from the present data: then it has not seen what is held out."""
        return card.get("data_hash") == self.data.content_hash()
