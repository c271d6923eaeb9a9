"""What the inference code understands, in the form of Rasa's parse data."""

import json
from typing import Any

import pytest
from rasa.shared.nlu.training_data.message import Message

from bot import turn as turns
from bot import understanding
from bot.components import EncoderClassifier, EntityExtractor
from nlu_models import settings
from nlu_models.runtime import Entities, Models, Understanding


@pytest.fixture(scope="module")
def entities() -> Entities:
    return Entities.load(settings.CATALOGUE)


def _process(component: Any, text: str) -> dict[str, Any]:
    message = Message(data={"text": text, "metadata": {"turn_id": "t"}})
    processed = component.create({}, None, None, None).process([message])
    return processed[0].as_dict(only_output_properties=True)


class Fixed:
    """An encoder that always understands the same."""

    model_id = "fixed"

    def __init__(self, in_scope: bool) -> None:
        self.texts: list[str] = []
        self.in_scope = in_scope

    def understand(self, text: str) -> Understanding:
        self.texts.append(text)
        return Understanding(
            intent="track_order",
            confidence=0.4,
            ranking=[("track_order", 0.4), ("cancel_order", 0.3)],
            in_scope=self.in_scope,
            scope_score=0.5,
            alternatives=[("track_order", 0.4), ("cancel_order", 0.3)],
            wishes=("cancel_order", "track_order"),
            sentiment="angry",
            sentiment_confidence=0.7,
            sentiment_scores={"angry": 0.7, "neutral": 0.3},
            milliseconds=1.0,
        )


def use(monkeypatch: pytest.MonkeyPatch, encoder: Fixed, entities: Entities) -> None:
    models = Models(encoder, entities)  # type: ignore[arg-type]
    monkeypatch.setattr(understanding, "models", lambda: models)


@pytest.mark.parametrize(("in_scope", "intent"), [(True, "track_order"), (False, "out_of_scope")])
def test_a_message_out_of_scope_keeps_its_ranking(
    monkeypatch: pytest.MonkeyPatch, entities: Entities, in_scope: bool, intent: str
) -> None:
    encoder = Fixed(in_scope)
    use(monkeypatch, encoder, entities)
    parse = _process(EncoderClassifier, "  where is it ")

    assert encoder.texts == ["where is it"]
    assert parse["intent"] == {"name": intent, "confidence": 0.4}
    assert parse["intent_ranking"] == [
        {"name": "track_order", "confidence": 0.4},
        {"name": "cancel_order", "confidence": 0.3},
    ]
    assert parse["alternatives"] == parse["intent_ranking"]
    assert parse["wishes"] == ["cancel_order", "track_order"]
    assert parse["sentiment"] == {
        "label": "angry",
        "confidence": 0.7,
        "scores": {"angry": 0.7, "neutral": 0.3},
    }


def test_entities_say_what_they_are_and_where(monkeypatch: pytest.MonkeyPatch, entities: Entities) -> None:
    use(monkeypatch, Fixed(True), entities)
    text = "cancel RP-100234 please, mail maria@example.com"
    found = {entity["entity"]: entity for entity in _process(EntityExtractor, text)["entities"]}

    assert found["order_id"]["value"] == "RP-100234"
    assert text[found["email"]["start"] : found["email"]["end"]] == "maria@example.com"
    assert found["order_id"]["extractor"] == "rules"


def test_parse_data_can_be_stored_as_json(monkeypatch: pytest.MonkeyPatch, entities: Entities) -> None:
    use(monkeypatch, Fixed(True), entities)
    parse = _process(EntityExtractor, "my kettle costs £49 and came on 3 May, says John Smith")
    assert json.loads(json.dumps(parse)) == parse


def test_the_turn_says_which_encoder_understood_it(
    monkeypatch: pytest.MonkeyPatch, entities: Entities
) -> None:
    use(monkeypatch, Fixed(True), entities)
    turn = turns.Turn("t", "c", models={"encoder": "before", "rasa": "model"})
    with turns.under_way(turn):
        _process(EncoderClassifier, "where is it")
    assert turn.models == {"encoder": "fixed", "rasa": "model"}
