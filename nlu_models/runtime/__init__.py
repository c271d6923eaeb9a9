"""The one inference code, in Rasa's environment and in the other: what is measured is what customers get.

Needs numpy, onnxruntime, tokenizers, spaCy, rapidfuzz and PyYAML; nothing else of the project.
"""

from nlu_models.runtime.catalogue import CatalogueError
from nlu_models.runtime.encoder import Encoder, Understanding
from nlu_models.runtime.entities import Entities
from nlu_models.runtime.model_folder import ModelFolderError
from nlu_models.runtime.models import Models
from nlu_models.runtime.sentences import Sentences
from nlu_models.runtime.spans import Entity

__all__ = [
    "CatalogueError",
    "Encoder",
    "Entities",
    "Entity",
    "ModelFolderError",
    "Models",
    "Sentences",
    "Understanding",
]
