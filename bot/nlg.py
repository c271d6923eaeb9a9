"""Reply texts from the actions service, which chooses the variant; else from the domain."""

import logging
from typing import Any

import aiohttp
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.constants import SESSION_START_METADATA_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot import turn as turns
from bot.http_endpoint import KeepAliveEndpoint

logger = logging.getLogger(__name__)

#: Seconds to wait for a variant before the domain's text is used.
LIMIT = 1.0


class ActionsNLG(TemplatedNaturalLanguageGenerator):
    """Asks the actions service for each reply, with the slots and the last message but not the whole past.

    It falls back to the templated generator, whose responses are those of the loaded domain.

    Args:
        endpoint_config: url and headers of the service's `/nlg`.
        domain: empty when Rasa calls this; the agent sets `responses` when it has loaded the model.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        super().__init__(domain.responses)
        self.endpoint = KeepAliveEndpoint(endpoint_config, LIMIT)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The reply `utter_action`, or nothing when neither the service nor the domain knows it."""
        message = tracker.latest_message
        question = {
            "reply": utter_action,
            "slots": {
                name: slot.value
                for name, slot in tracker.slots.items()
                if slot.value is not None and name != SESSION_START_METADATA_SLOT
            },
            "message": message.parse_data if message else None,
            "conversation_id": tracker.sender_id,
        }
        try:
            with turns.measured("nlg"):
                answer = await self.endpoint.request(json=question)
            return {"text": answer["text"], "custom": answer.get("custom")}
        except (aiohttp.ClientError, KeyError, TypeError) as error:
            logger.warning("%s: text of the domain used: %s", utter_action, type(error).__name__)
        kwargs.pop("domain_responses", None)
        return await super().generate(utter_action, tracker, output_channel, **kwargs)
