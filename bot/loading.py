"""Loads model and stores, and makes sure that they are the ones that were asked for.

Rasa falls back without a word: to the stores in memory when a class can't be found, to the templated
replies when none is set, to an agent without a model when there is no file.
"""

import gc
import logging
from pathlib import Path

import structlog
from rasa.core.lock_store import LockStore
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.core.utils import AvailableEndpoints

from bot import understanding
from bot.agent import TurnAgent
from bot.components import EncoderClassifier, EntityExtractor
from bot.graph_runner import SequentialGraphRunner
from bot.http_endpoint import ActionEndpoint
from bot.lock_store import RedisLockStore
from bot.nlg import ActionsNLG
from bot.remote_actions import make_calls_cheaper
from bot.tracker_store import RedisTrackerStore

#: Components that the model must have been trained with.
COMPONENTS: tuple[type, ...] = (EncoderClassifier, EntityExtractor)
#: Seconds that one custom action may take; the turn then still has time for an apology.
ACTION_SECONDS = 4.0


class NotAsConfigured(Exception):
    """What was loaded is not what this bot needs. The message is one line."""


def load(model: Path, endpoints_file: Path, components: tuple[type, ...] = COMPONENTS) -> TurnAgent:
    """Load a trained model with the stores of `endpoints_file`.

    Raises:
        NotAsConfigured: the model is missing, or a part is not of the type that it must be.
        Exception: what Rasa raises for a damaged model or unusable settings.
    """
    # Rasa formats what it logs for debugging in any case; this spares the rendering of it.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    make_calls_cheaper()
    if not model.is_file():
        raise NotAsConfigured(f"no model at {model}: train one, or set RAPPORT_RASA_MODEL")
    endpoints = AvailableEndpoints.read_endpoints(str(endpoints_file))
    if endpoints.action is None:
        raise NotAsConfigured(f"{endpoints_file} names no action_endpoint")
    agent = TurnAgent(
        generator=NaturalLanguageGenerator.create(endpoints.nlg, None),
        tracker_store=TrackerStore.create(endpoints.tracker_store),
        lock_store=LockStore.create(endpoints.lock_store),
        action_endpoint=ActionEndpoint(endpoints.action, ACTION_SECONDS),
    )
    agent.load_model(model)
    _check(agent, components)
    if EncoderClassifier in components:
        # What is there by now stays, so that a later collection of what a swap left holds up no turn.
        gc.collect()
        gc.freeze()
        # Before they are asked for within Rasa, which would hide what is wrong with them.
        agent.live_models = understanding.start(frozenset(agent.domain.intents))
    agent.processor.understand("warm up", {})
    agent.rasa_model = model.name.removesuffix(".tar.gz")
    if agent.live_models is not None:
        agent.live_models.watch()
    return agent


def _check(agent: TurnAgent, components: tuple[type, ...]) -> None:
    wrapper = agent.tracker_store
    store = wrapper._tracker_store if isinstance(wrapper, FailSafeTrackerStore) else wrapper
    parts: dict[str, tuple[object, type]] = {
        "tracker_store": (store, RedisTrackerStore),
        "lock_store": (agent.lock_store, RedisLockStore),
        "nlg": (agent.nlg, ActionsNLG),
        "graph runner": (agent.processor.graph_runner, SequentialGraphRunner),
    }
    for name, (part, wanted) in parts.items():
        if not isinstance(part, wanted):
            raise NotAsConfigured(
                f"{name} is a {type(part).__name__}, not the {wanted.__name__} that it must be"
            )
    used = {node.uses for node in agent.processor.model_metadata.predict_schema.nodes.values()}
    missing = [component.__name__ for component in components if component not in used]
    if missing:
        raise NotAsConfigured(f"the model was trained without {', '.join(missing)}: train it with config.yml")
    agent.store = store
