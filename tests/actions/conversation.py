"""Drives the actions as Rasa does: rules, forms, follow-up actions, slots. No Rasa is needed."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor

from actions.settings import DOMAIN

_DOMAIN = yaml.safe_load(DOMAIN.read_text("utf-8"))
_RULES = {
    rule["steps"][0]["intent"]: rule["steps"][1]["action"]
    for path in sorted((DOMAIN.parent / "data" / "rasa" / "rules").glob("*.yml"))
    for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]
    if "intent" in rule["steps"][0]
}
CONSENT = {
    "service": True,
    "personalisation": True,
    "analytics": False,
    "training": False,
    "marketing": False,
}
NO_CONSENT = {**CONSENT, "personalisation": False}


@dataclass
class Conversation:
    """One conversation; `say` is one turn and gives the bot's messages (`text` and `custom`)."""

    executor: ActionExecutor
    customer_id: str | None = None
    consent: dict[str, bool] | None = field(default_factory=lambda: dict(CONSENT))
    conversation_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    owner_epoch: int = 1
    slots: dict[str, Any] = field(
        default_factory=lambda: {name: slot.get("initial_value") for name, slot in _DOMAIN["slots"].items()}
    )
    form: str | None = None
    steps: list[str] = field(default_factory=list)
    turn_ids: list[str] = field(default_factory=list)

    async def say(
        self,
        text: str,
        intent: str,
        sentiment: str = "neutral",
        confidence: float = 0.95,
        *,
        between: tuple[str, ...] = (),
        wishes: tuple[str, ...] = (),
        **entities: str | list[str],
    ) -> list[dict[str, Any]]:
        self.turn_ids.append(str(uuid.uuid4()))
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "intent_ranking": [],
            "alternatives": [{"name": near, "confidence": confidence} for near in between],
            "wishes": list(wishes),
            "entities": [
                {"entity": name, "value": value, **_place(text, value)}
                for name, values in entities.items()
                for value in ([values] if isinstance(values, str) else values)
            ],
            "sentiment": {"label": sentiment, "confidence": 0.9},
            "metadata": {
                "turn_id": self.turn_ids[-1],
                "conversation_id": self.conversation_id,
                "owner_epoch": self.owner_epoch,
                "customer": self.customer_id
                and {"customer_id": self.customer_id, "profile_version": 1, "consent": self.consent},
            },
        }
        events: list[dict[str, Any]] = [{"event": "user", "text": text}]
        self.steps = []
        said: list[dict[str, Any]] = []
        step: str | None = self.form or _RULES[intent]
        while step is not None and not step.startswith("utter_"):
            assert len(self.steps) < 5, f"goes round in circles: {self.steps}"
            step = await self._step(step, message, events, said)
        return said

    async def press(self, title: str, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Press a quick reply of the last message."""
        offers = {quick["title"]: quick["command"] for quick in messages[-1]["custom"]["quick_replies"]}
        command = offers[title]
        entities = {entity["entity"]: entity["value"] for entity in command["entities"]}
        return await self.say(title, command["intent"], confidence=1.0, **entities)

    async def _step(
        self,
        step: str,
        message: dict[str, Any],
        events: list[dict[str, Any]],
        said: list[dict[str, Any]],
    ) -> str | None:
        self.steps.append(step)
        if step.endswith("_form"):
            self.form = step
        action = f"validate_{step}" if step.endswith("_form") else step
        loop = {"name": self.form} if self.form else {}
        tracker = Tracker(
            self.conversation_id, dict(self.slots), message, list(events), False, None, loop, None
        )
        result = await self.executor.run({"next_action": action, "tracker": _state(tracker), "domain": {}})
        assert result is not None
        said += [{"text": message["text"], "custom": message["custom"]} for message in result.responses]
        following = None
        for event in result.events:
            events.append(event)
            match event["event"]:
                case "slot":
                    self.slots[event["name"]] = event["value"]
                case "active_loop":
                    self.form = event["name"]
                case "followup":
                    following = event["name"]
        return None if following == "action_listen" else following


def _place(text: str, value: str) -> dict[str, int]:
    """Where a value is written out in the text, as the models tell."""
    start = text.find(value)
    return {} if start < 0 else {"start": start, "end": start + len(value)}


def _state(tracker: Tracker) -> dict[str, Any]:
    state: dict[str, Any] = tracker.current_state()
    return state


def replies(messages: list[dict[str, Any]]) -> list[str]:
    return [message["custom"]["reply"] for message in messages]


def decision(messages: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = messages[-1]["custom"]["decision"]
    return found
