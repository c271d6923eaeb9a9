"""All that understands a message: one model folder, with the shop's catalogue."""

from dataclasses import dataclass
from pathlib import Path

from nlu_models.runtime.encoder import Encoder
from nlu_models.runtime.entities import Entities

#: Where a model folder keeps the shop's recogniser, if it has one.
NER_FOLDER = "ner"


@dataclass(frozen=True)
class Models:
    """The encoder and the extractor of entities that were made together. Safe to share between threads."""

    encoder: Encoder
    entities: Entities

    @classmethod
    def load(cls, folder: str | Path, catalogue: str | Path) -> "Models":
        """Check and load a model folder; without a recogniser of its own the English one is asked for names.

        Raises:
            ModelFolderError: the folder is no usable model.
            CatalogueError: the catalogue can't be read.
            OSError: the English model is needed and not installed.
        """
        encoder = Encoder.load(folder)
        # Whether there is one says the card, which vouches for its files; they have just been checked.
        has_recogniser = any(name.startswith(f"{NER_FOLDER}/") for name in encoder.folder.card["files"])
        ner_folder = encoder.folder.path / NER_FOLDER if has_recogniser else None
        entities = Entities.load(catalogue, ner_folder)
        # "Dryline" is no misspelt "decline" in the shop that sells it.
        encoder.spelling.keep(entities.product_names)
        return cls(encoder, entities)

    @property
    def model_id(self) -> str:
        """The content hash that names them."""
        return self.encoder.model_id
