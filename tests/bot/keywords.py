"""A graph component for tests: understands by keywords, so that no encoder has to be trained first."""

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

KEYWORDS = {
    "hello": "greet",
    "cancel": "cancel_order",
    "thank": "thank",
    "yes": "affirm",
    "no": "deny",
    "remote": "broken",
    "order": "inform",
}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class KeywordUnderstanding(GraphComponent):
    """The first keyword in the message is its intent; `RP-` and six digits are an order."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "KeywordUnderstanding":
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get("text")
            found = re.search("|".join(KEYWORDS), text.lower())
            intent = KEYWORDS[found.group()] if found else "out_of_scope"
            message.set("intent", {"name": intent, "confidence": 0.9}, add_to_output=True)
            message.set("intent_ranking", [{"name": intent, "confidence": 0.9}], add_to_output=True)
            message.set(
                "sentiment", {"label": "neutral", "confidence": 1.0, "scores": {}}, add_to_output=True
            )
            orders = [
                {"entity": "order_id", "value": match.group(), "start": match.start(), "end": match.end()}
                for match in re.finditer(r"RP-\d{6}", text)
            ]
            message.set("entities", orders, add_to_output=True)
        return messages
