"""What each of several readers would be told by one reply, of a set that need not be published."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from actions.variants.choose import Choice, Read, UnknownReply, choose
from actions.variants.compiled import CompiledSet
from actions.variants.names import REPLIES

#: What the dialogue might say, by the name of the value. A name that is not here stands for itself, in ‹brackets›.
SAMPLES: dict[str, object] = {
    "act": "cancel an order",
    "again": False,
    "amount": "£49.50",
    "anonymous": False,
    "answer": "We deliver to all of the United Kingdom.",
    "asked": "order_id",
    "budget": "£100",
    "carrier": "Parcelwright",
    "changing": False,
    "charged": True,
    "count": 2,
    "date": "Monday 16 November",
    "days": 5,
    "delivered": None,
    "detail": "The order is on its way.",
    "differences": ["Price: £49 and £79", "Capacity: 1.2 l and 1.7 l"],
    "email": None,
    "expected": "Thursday 26 November",
    "facts": ["1.7 l", "3,000 W", "two years of guarantee"],
    "first": "Cancel an order",
    "given": "12345",
    "items": "kettle and toaster",
    "kind": "tell",
    "kind_known": True,
    "known": False,
    "late": False,
    "membership": False,
    "method": "your card",
    "months": 24,
    "open": False,
    "order_id": "RP-100234",
    "paid": None,
    "placed": "Friday 20 November",
    "product": "kettle",
    "products": "kettle and toaster",
    "reason": "does not work",
    "refund_id": "RF-1001",
    "return_id": "RT-1001",
    "returnable": True,
    "second": "Return an item",
    "seconds": 30,
    "state": "in_stock",
    "status": "on its way",
    "steps": ["Unplug it.", "Wait for a minute.", "Plug it in again."],
    "steps_known": True,
    "total": "£129",
    "tracking_code": "PW40817263GB",
    "way": "return",
}

#: The same name says something else in these replies.
SAMPLES_OF: dict[str, dict[str, object]] = {
    "utter_courtesy": {"kind": "thanks"},
    "utter_detail_noted": {"kind": "order_id"},
    "utter_payment_problem": {"kind": "duplicate"},
    "utter_billing_help": {"kind": "duplicate"},
    "utter_refund_status": {"status": "approved"},
    "utter_already_cancelled": {"status": "approved"},
}


class Reader(BaseModel):
    """Somebody who reads: `attributes` as the profile service gives them, empty without consent to personalise."""

    model_config = ConfigDict(extra="forbid")

    name: str
    customer_id: str | None = None
    attributes: dict[str, Any] = {}


class PreviewRequest(BaseModel):
    """For whom and in which situation; `values` replace the samples."""

    model_config = ConfigDict(extra="forbid")

    readers: list[Reader]
    mood: str = "neutral"
    turns: int = 0
    values: dict[str, Any] = {}


def preview(
    variants: CompiledSet, reply: str, request: PreviewRequest, policy: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """For each reader the variant, its text, and the conditions that were looked at.

    Raises:
        UnknownReply: there is no such reply.
    """
    if reply not in variants.replies:
        raise UnknownReply(reply)
    values = {**sample_values(reply, policy), **request.values}
    return [_line(variants, reply, reader, request, values) for reader in request.readers]


def sample_values(reply: str, policy: Mapping[str, Any]) -> dict[str, object]:
    """A value for each name that the dialogue gives to this reply."""
    samples = {**SAMPLES, "policy": policy, **SAMPLES_OF.get(reply, {})}
    return {name: samples.get(name, f"‹{name}›") for name in sorted(REPLIES.get(reply, ()))}


def read_policy(data: Path) -> dict[str, Any]:
    """The shop's policy, which texts may quote."""
    policy: dict[str, Any] = yaml.safe_load((data / "decisions" / "policy.yml").read_text("utf-8"))
    return policy


def _line(
    variants: CompiledSet, reply: str, reader: Reader, request: PreviewRequest, values: Mapping[str, object]
) -> dict[str, Any]:
    line: dict[str, Any] = {
        "reader": reader.name,
        "customer_id": reader.customer_id,
        "segment": reader.attributes.get("segment"),
    }
    try:
        return {**line, **_shown(choose(variants, reply, values, _reads(reader, request)))}
    except UnknownReply:
        problem = "its default lacks a value, or is empty"
    except (ArithmeticError, TypeError, ValueError) as error:  # a filter met a value of another kind
        problem = f"a filter can't be used on this value: {error}"
    return {
        **line,
        "variant": None,
        "text": "",
        "quick_replies": [],
        "conditions": [],
        "unusable": [],
        "problem": problem,
    }


def _shown(choice: Choice) -> dict[str, Any]:
    return {
        "variant": choice.variant,
        "text": choice.text,
        "quick_replies": [quick["title"] for quick in choice.quick_replies],
        "conditions": [
            {"variant": checked.variant, "condition": checked.condition, "holds": checked.holds}
            for checked in choice.checked
        ],
        "unusable": list(choice.unusable),
        "problem": None,
    }


def _reads(reader: Reader, request: PreviewRequest) -> Read:
    """As a turn reads names, of a reader instead of a customer."""

    def read(name: str) -> object | None:
        match name.split(".", 1):
            case ["customer", attribute]:
                return reader.attributes.get(attribute)
            case ["message", "sentiment"]:
                return request.mood
            case ["conversation", "turns"]:
                return request.turns
            case ["conversation", "angry_turns"]:
                return 1 if request.mood == "angry" else 0
        return None

    return read
