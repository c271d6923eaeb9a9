"""The model of the bundled data, on messages that neither training nor the choice of settings has seen."""

from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from nlu_models import settings
from nlu_models.evaluation import measure
from nlu_models.runtime import Encoder
from nlu_models.runtime.model_folder import CARD_FILE
from nlu_models.training.base_model import find_base_model
from nlu_models.training.dataset import Row, read_dataset
from nlu_models.training.recipe import Recipe
from nlu_models.training.store import cache_folder, model_id

HELD_OUT = Path(__file__).with_name("held_out.yml")


def held_out(top: str, key: str) -> list[Row]:
    content = yaml.safe_load(HELD_OUT.read_text(encoding="utf-8"))
    return [
        Row(line.removeprefix("- "), block[key], HELD_OUT, 0)
        for block in content[top]
        for line in block["examples"].splitlines()
    ]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    data = read_dataset(settings.NLU, settings.SENTIMENT, settings.DOMAIN)
    folder = cache_folder() / model_id(data, Recipe(), find_base_model())
    if not (folder / CARD_FILE).is_file():
        pytest.skip("the bundled model is not trained; `make test` trains it first")
    return Encoder.load(folder)


def test_held_out_messages_are_not_in_the_training_data() -> None:
    data = read_dataset(settings.NLU, settings.SENTIMENT, settings.DOMAIN)
    known = {row.text.casefold() for row in data.intents if len(row.text.split()) > 4}
    assert not [row.text for row in held_out("nlu", "intent") if row.text.casefold() in known]


def test_intents_and_sentiments_hold_their_floor(encoder: Encoder) -> None:
    metrics = measure(encoder, held_out("nlu", "intent"), held_out("sentiment", "label"))
    assert metrics["intents"]["accuracy"] >= 0.90, metrics
    assert metrics["intents"]["macro_f1"] >= 0.89, metrics
    assert metrics["sentiments"]["macro_f1"] >= 0.85, metrics
    assert metrics["scope"]["out_of_scope_recall"] >= 0.8, metrics
    assert metrics["scope"]["in_scope_served"] >= 0.85, metrics


def test_no_intent_is_left_behind(encoder: Encoder) -> None:
    hits: dict[str, list[bool]] = defaultdict(list)
    for row in held_out("nlu", "intent"):
        hits[row.label].append(encoder.understand(row.text).intent == row.label)
    weak = {label: sum(right) / len(right) for label, right in hits.items() if sum(right) / len(right) < 0.6}
    assert weak == {}


def test_eight_bits_lose_next_to_nothing(encoder: Encoder) -> None:
    # Where the two differ, the model is in doubt anyway: near ties turn with the last bit.
    assert encoder.folder.card["metrics"]["int8_against_float"] >= 0.93


def test_the_right_intent_does_not_hang_on_case_or_manners(encoder: Encoder) -> None:
    for message in ("WHERE IS MY ORDER", "where is my order", "Hi there, where is my order please? Thanks"):
        assert encoder.understand(message).intent == "track_order", message
