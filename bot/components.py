"""Graph components: what `nlu_models.runtime` understands, in the form of Rasa's parse data.

They have nothing to train, and hold no model of their own: `rasa train` needs neither encoder nor spaCy.
"""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_CONFIDENCE,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    EXTRACTOR,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from bot import turn as turns
from bot import understanding

OUT_OF_SCOPE = "out_of_scope"
SENTIMENT = "sentiment"
ALTERNATIVES = "alternatives"
WISHES = "wishes"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class EncoderClassifier(GraphComponent):
    """Sets intent, ranking, alternatives, wishes and sentiment by one pass of the encoder.

    A message that the encoder does not hold to be in scope has the intent `out_of_scope`, with the
    confidence of what it resembled most; the ranking says what that was. `alternatives` are the intents
    between which the message is open, `wishes` those of a message with several; mostly both are empty. The
    sentence vector is left out, or each stored event would carry it.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "EncoderClassifier":
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Understand each message, and tell the turn under way by which model."""
        models = understanding.models()
        encoder = models.encoder
        turns.note_model("encoder", models.model_id)
        for message in messages:
            with turns.measured("encoder"):
                understood = encoder.understand((message.get(TEXT) or "").strip())
            intent = {
                INTENT_NAME_KEY: understood.intent if understood.in_scope else OUT_OF_SCOPE,
                PREDICTED_CONFIDENCE_KEY: understood.confidence,
            }
            message.set(INTENT_RANKING_KEY, _with_confidence(understood.ranking), add_to_output=True)
            message.set(ALTERNATIVES, _with_confidence(understood.alternatives), add_to_output=True)
            message.set(WISHES, list(understood.wishes), add_to_output=True)
            sentiment = {
                "label": understood.sentiment,
                "confidence": understood.sentiment_confidence,
                "scores": understood.sentiment_scores,
            }
            message.set(INTENT, intent, add_to_output=True)
            message.set(SENTIMENT, sentiment, add_to_output=True)
        return messages


def _with_confidence(intents: list[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence} for name, confidence in intents]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityExtractor(GraphComponent):
    """Sets the entities of each message: order ids, products, dates, money, addresses, names."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "EntityExtractor":
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Extract the entities of each message."""
        entities_of = understanding.models().entities
        for message in messages:
            with turns.measured("entities"):
                found = entities_of.extract(message.get(TEXT) or "")
            entities = [
                {
                    ENTITY_ATTRIBUTE_TYPE: entity.entity,
                    ENTITY_ATTRIBUTE_VALUE: entity.value,
                    ENTITY_ATTRIBUTE_START: entity.start,
                    ENTITY_ATTRIBUTE_END: entity.end,
                    ENTITY_ATTRIBUTE_CONFIDENCE: entity.confidence,
                    EXTRACTOR: entity.extractor,
                }
                for entity in found
            ]
            message.set(ENTITIES, entities, add_to_output=True)
        return messages
