"""Why a reply was given: the record of its turn, for agents and trainers, and in plain sentences."""

import re
from typing import Any

from web.chat.events import RESUME
from web.chat.moods import mood_of

#: Shown as "sure", "fairly sure", "not sure" in the plain sentences.
_SURE, _FAIRLY_SURE = 0.85, 0.6

EXAMPLE: dict[str, Any] = {
    "turn_id": "3f6a3f0e-6f0c-4a53-8f9b-9f6f0a3c5d21",
    "conversation_id": "7f0c2b52-5a0e-4a51-9a4e-0d6a6f6f9c11",
    "seq": 2,
    "status": "answered",
    "committed": True,
    "failure": None,
    "owner_epoch": 1,
    "intent": "track_order",
    "confidence": 0.98,
    "intent_ranking": [],
    "command": None,
    "sentiment": {"label": "neutral", "confidence": 0.9},
    "mood": "neutral",
    "entities": [{"entity": "order_id", "value": "RP-100234"}],
    "customer": {"customer_id": "C000001", "profile_version": 7, "source": "cache"},
    "consent": {"service": True, "personalisation": True},
    "attributes_read": [
        {"name": "customer.segment", "value": "loyal_high_value", "purpose": "personalisation"}
    ],
    "conditions": [
        {
            "reply": "utter_order_status",
            "variant": "loyal_high_value",
            "condition": "customer.segment == loyal_high_value",
            "holds": True,
        }
    ],
    "path": [],
    "form": None,
    "replies": [{"reply": "utter_order_status", "variant": "loyal_high_value"}],
    "variant": "loyal_high_value",
    "models": {"encoder": "9c1f0a", "rasa": "20261122-101500.tar.gz"},
    "milliseconds": {"total": 31.0, "wait": 0.2, "customer": 0.6, "bot": 24.8, "understand": 8.1},
    "plain": "The assistant was sure (98%) that the message means “track order”, and the customer sounded "
    "neutral. It chose the wording “loyal high value” because customer segment is loyal high value. "
    "For this it read segment (consent: personalisation).",
}


def why(turn: dict[str, Any]) -> dict[str, Any]:
    """The document of `GET …/turns/{seq}/why` from a row of `chat.turns`."""
    parse = turn["parse"] or {}
    decision = turn["decision"] or {}
    intent = parse.get("intent") or {}
    milliseconds = {**_numbers(decision.get("milliseconds")), **_numbers(turn["milliseconds"])}
    document = {
        "turn_id": str(turn["turn_id"]),
        "conversation_id": str(turn["conversation_id"]),
        "seq": turn["seq"],
        "status": turn["status"],
        "committed": turn["committed"],
        "failure": turn["failure"],
        "owner_epoch": turn["epoch"],
        "intent": intent.get("name"),
        "confidence": intent.get("confidence"),
        "intent_ranking": parse.get("intent_ranking", []),
        "command": turn["command"],
        "sentiment": parse.get("sentiment"),
        "mood": None if turn["command"] else mood_of(parse, decision),
        "entities": parse.get("entities", []),
        "customer": decision.get("customer"),
        "consent": (decision.get("customer") or {}).get("consent"),
        "attributes_read": decision.get("attributes_read", []),
        "conditions": decision.get("conditions", []),
        "path": decision.get("path", []),
        "form": decision.get("form"),
        "replies": turn["replies"] or [],
        "variant": _first_variant(turn["replies"] or []),
        "models": turn["models"] or {},
        "milliseconds": milliseconds,
    }
    document["plain"] = " ".join(sentences(document))
    return document


def sentences(document: dict[str, Any]) -> list[str]:
    """Three sentences that need no knowledge of the system."""
    return [_what_was_understood(document), _what_was_said(document), _what_was_read(document)]


def _what_was_understood(document: dict[str, Any]) -> str:
    if document["seq"] == 0:
        return "The conversation began, so the assistant spoke first."
    if document["command"] == RESUME:
        return "An agent handed the conversation back, so the assistant left what it was doing and spoke."
    if document["command"]:
        return f"The customer pressed a button that means “{_words(document['command'].get('intent'))}”."
    if not document["intent"]:
        return "The message was not understood, because the assistant gave no answer."
    confidence = document["confidence"] or 0.0
    sure = "sure" if confidence >= _SURE else "fairly sure" if confidence >= _FAIRLY_SURE else "not sure"
    feeling = f", and the customer sounded {document['mood']}" if document["mood"] else ""
    meaning = _words(document["intent"])
    return f"The assistant was {sure} ({confidence:.0%}) that the message means “{meaning}”{feeling}."


def _what_was_said(document: dict[str, Any]) -> str:
    if document["status"] == "failed":
        return "It could not answer properly, so a fixed apology was shown and agents were called."
    if document["status"] == "dropped":
        return "Its reply came after the conversation had changed hands and was not shown."
    if document["status"] == "skipped":
        return "An agent has the conversation, so the assistant stayed silent."
    if document["status"] == "pending":
        return "The answer is still being prepared."
    variant = document["variant"]
    if not variant or variant == "default":
        return "It gave the standard answer."
    held = [
        _condition(item["condition"])
        for item in document["conditions"]
        if item.get("holds") and item.get("condition") and item.get("variant") in (variant, None)
    ]
    because = f" because {' and '.join(dict.fromkeys(held))}" if held else ""
    return f"It chose the wording “{_words(variant)}”{because}."


def _what_was_read(document: dict[str, Any]) -> str:
    read = document["attributes_read"]
    if not read:
        return "No personal detail was read to choose the answer."
    purposes: dict[str, list[str]] = {}
    for item in read:
        names = purposes.setdefault(str(item.get("purpose", "service")), [])
        name = _words(str(item.get("name", "")).removeprefix("customer."))
        if name not in names:
            names.append(name)
    parts = [f"{', '.join(names)} (consent: {purpose})" for purpose, names in purposes.items()]
    return f"For this it read {'; '.join(parts)}."


def _condition(condition: object) -> str:
    """`customer.segment == loyal` as "customer segment is loyal"."""
    text = str(condition).replace(" == ", " is ").replace(" != ", " is not ")
    return re.sub(r"\b(customer|message|conversation)\.", r"\1 ", text).replace("_", " ")


def _words(name: object) -> str:
    return str(name or "nothing known").replace("_", " ")


def _first_variant(replies: list[dict[str, Any]]) -> str | None:
    return next((reply["variant"] for reply in replies if reply.get("variant")), None)


def _numbers(parts: Any) -> dict[str, float]:
    if not isinstance(parts, dict):
        return {}
    return {name: value for name, value in parts.items() if isinstance(value, int | float)}
