"""A tiny real training, shared by the tests of this folder."""

import os
from pathlib import Path

import pytest

# As the command sets it: threads that wait by spinning starve a busy machine. Read when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from nlu_models.training.base_model import find_base_model
from nlu_models.training.build import build
from nlu_models.training.dataset import Dataset, read_dataset
from nlu_models.training.recipe import Recipe

NLU = """\
version: "3.1"
nlu:
- intent: track_order
  examples: |
    - where is my order
    - when does [RP-100234](order_id) arrive
    - track my parcel please
    - has it been sent yet
    - any news of my delivery
- intent: cancel_order
  examples: |
    - cancel my order
    - i do not want the [kettle]{"entity": "product", "value": "HV-KT-01"} any more
    - please stop order 100234
    - call it off
    - cancel it before it ships
- intent: out_of_scope
  examples: |
    - what is the capital of Peru
    - sing me a song
    - will it rain tomorrow
    - who won the match
    - book a table for two
- synonym: kettle
  examples: |
    - electric kettle
"""

SENTIMENT = """\
version: 1
sentiment:
- label: angry
  examples: |-
    - this is a disgrace
    - you useless lot
    - I am furious
- label: negative
  examples: |-
    - a little disappointed
    - it does not work sadly
    - not what I hoped for
- label: neutral
  examples: |-
    - what time do you close
    - my name is Ann
    - the blue one
- label: positive
  examples: |-
    - thank you so much
    - love it
    - great service
"""


@pytest.fixture(autouse=True)
def own_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test promotes does not serve in this checkout."""
    monkeypatch.setenv("RAPPORT_ENCODER_REGISTRY", str(tmp_path / "encoder.json"))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Folders of NLU and of sentiment files, ready to be changed."""
    return write_folders(tmp_path)


def write_folders(root: Path) -> tuple[Path, Path]:
    nlu, sentiment = root / "nlu", root / "sentiment"
    for folder, content in ((nlu, NLU), (sentiment, SENTIMENT)):
        folder.mkdir()
        (folder / "one.yml").write_text(content, encoding="utf-8")
    return nlu, sentiment


@pytest.fixture(scope="session")
def tiny_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return read_dataset(*write_folders(tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="session")
def tiny_model(tiny_dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model trained for one epoch."""
    return build(
        tiny_dataset, Recipe(epochs=1, batch_size=8), find_base_model(), tmp_path_factory.mktemp("cache")
    )
