"""Rasa's agent and message processor, with the few points at which they had no way in."""

import contextlib
import re
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

from bot import turn as turns
from bot.graph_runner import SequentialGraphRunner
from bot.http_endpoint import ActionEndpoint
from bot.lock_store import RedisLockStore
from bot.nlg import ActionsNLG
from bot.tracker_store import RedisTrackerStore
from bot.understanding import LiveModels

_LEADING_SLASHES = re.compile(r"\A[\s/]+")


class HistoryUnavailable(Exception):
    """The conversation could not be read; to go on would be to act on an empty past."""


class TurnProcessor(MessageProcessor):
    """Rasa's processor on a sequential graph runner, which stops when the history can't be read."""

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        path = Path(model_path)
        with TempDirectoryPath(get_temp_dir_name()) as folder:
            metadata, runner = loader.load_predict_graph_runner(
                Path(folder), path, LocalModelStorage, SequentialGraphRunner
            )
        return path.name, metadata, runner

    async def get_tracker(self, conversation_id: str) -> DialogueStateTracker:
        """The tracker of a conversation, a new one if there is none.

        Raises:
            HistoryUnavailable: the store failed, which Rasa's wrapper takes for "there is none".
        """
        tracker = await super().get_tracker(conversation_id)
        turn = turns.current()
        if turn is not None and turn.history_lost:
            raise HistoryUnavailable(conversation_id)
        return tracker

    def understand(self, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        """Parse data of a message. Slow (some milliseconds) and safe to run in another thread.

        A leading slash, which Rasa would take for a command, is hidden from the pipeline and kept in the
        parse data; places of entities are those in `text`.
        """
        message = UserMessage(text, metadata=metadata)
        message.text = _LEADING_SLASHES.sub(lambda found: " " * len(found.group()), text)
        target = self.model_metadata.nlu_target
        results = self.graph_runner.run(
            inputs={
                PLACEHOLDER_MESSAGE: [message],
                PLACEHOLDER_TRACKER: DialogueStateTracker.from_events("", []),
            },
            targets=[target],
        )
        return {
            INTENT: {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0},
            ENTITIES: [],
            **results[target][0].as_dict(only_output_properties=True),
            TEXT: text,
        }


class TurnAgent(Agent):
    """Rasa's agent with the processor above, and the tracker store at hand without Rasa's wrapper.

    Attributes:
        store: the tracker store.
        rasa_model: name of the Rasa model.
        live_models: the models in use; None when the model was trained without.
    """

    store: RedisTrackerStore
    lock_store: RedisLockStore
    nlg: ActionsNLG
    action_endpoint: ActionEndpoint
    processor: TurnProcessor
    rasa_model: str
    live_models: LiveModels | None = None

    @property
    def models(self) -> dict[str, str | None]:
        """The identity of the encoder and of the Rasa model in use."""
        encoder = self.live_models.current.model_id if self.live_models else None
        return {"encoder": encoder, "rasa": self.rasa_model}

    async def take_turn(self, message: UserMessage) -> None:
        """Handle a message under the lock that the caller holds.

        A history that can't be read is reported by the turn, not raised.
        """
        with contextlib.suppress(HistoryUnavailable):
            await self.processor.handle_message(message)

    def load_model(self, model_path: str | Path, fingerprint: str | None = None) -> None:
        """Load a trained model and make it the one in use."""
        self.processor = TurnProcessor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
        )
        self.domain = self.processor.domain
        self._set_fingerprint(fingerprint)
        self.tracker_store.domain = self.domain
        self.nlg.responses = self.domain.responses

    async def close(self) -> None:
        """Close all connections, and watch for no more models."""
        if self.live_models is not None:
            self.live_models.close()
        await self.store.close()
        await self.lock_store.close()
        await self.nlg.endpoint.close()
        await self.action_endpoint.close()
