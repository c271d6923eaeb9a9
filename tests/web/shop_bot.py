"""A bot with a few ready answers, for looking at the widget: buttons, cards, a person, a fault."""

import asyncio
from typing import Any

from tests.web.servers import FakeBot, answer_to

ORDER = {
    "kind": "order",
    "order_id": "RP-100103",
    "status": "shipped",
    "title": "Copperline pour-over set",
    "lines": ["1 × Copperline pour-over set", "2 × Smart bulb, warm white", "Parcelwright PW40817263GB"],
    "total": "£129.00",
    "placed": "2026-11-19",
    "eta": "2026-11-23",
}
RETURNED = {
    "kind": "order",
    "order_id": "RP-100802",
    "status": "returned",
    "title": "Headphones",
    "total": "£89.00",
}
PRODUCT = {
    "kind": "product",
    "product_id": "HV-KT-01",
    "title": "Ember gooseneck kettle",
    "price": "£64.00",
    "lines": ["0.9 litres, holds its temperature", "In stock"],
}


def _button(title: str, intent: str) -> dict[str, Any]:
    return {"title": title, "command": {"intent": intent, "entities": []}}


def shop_bot() -> FakeBot:
    bot = FakeBot()

    async def greet(turn: dict[str, Any]) -> Any:
        buttons = [_button("Track an order", "track_order"), _button("Send something back", "return_item")]
        text = "Hello Maria, good to see you again. What can I do for you today?"
        return answer_to(
            turn,
            {"text": text, "quick_replies": buttons, "reply": "utter_greet", "variant": "loyal"},
            decision=_decision("utter_greet"),
        )

    async def track(turn: dict[str, Any]) -> Any:
        await asyncio.sleep(0.3)
        buttons = [_button("Change the delivery", "track_order"), _button("That's all, thanks", "thank")]
        replies = (
            {
                "text": "Your order RP-100103 is on its way and should be with you tomorrow.",
                "cards": [ORDER],
                "quick_replies": buttons,
                "reply": "utter_order_status",
                "variant": "loyal_high_value",
            },
        )
        return answer_to(turn, *replies, decision=_decision("utter_order_status"))

    async def returns(turn: dict[str, Any]) -> Any:
        return answer_to(turn, {"text": "Two things that may help:", "cards": [RETURNED, PRODUCT]})

    async def person(turn: dict[str, Any]) -> Any:
        decision = {"handoff": {"reason": "customer asked"}}
        return answer_to(turn, {"text": "Of course. I have asked a colleague to join us."}, decision=decision)

    async def broken(turn: dict[str, Any]) -> Any:
        return answer_to(turn, {"text": "lost"}, committed=False)

    bot.on |= {
        "command:open_conversation": greet,
        "command:track_order": track,
        "command:return_item": returns,
        "Where is my order?": track,
        "I want to talk to a real person": person,
        "break": broken,
    }
    return bot


def _decision(reply: str) -> dict[str, Any]:
    segment = {"name": "customer.segment", "value": "loyal_high_value", "purpose": "personalisation"}
    order = {"name": "orders", "value": "RP-100103", "purpose": "service"}
    condition = "customer.segment == loyal_high_value"
    return {
        "customer": {"customer_id": "C000001", "profile_version": 7, "source": "cache", "consent": {}},
        "attributes_read": [segment, order],
        "conditions": [
            {"reply": reply, "variant": "angry", "condition": "message.sentiment == angry", "holds": False},
            {"reply": reply, "variant": "loyal_high_value", "condition": condition, "holds": True},
        ],
        "path": ["action_greet: offered help"],
        "milliseconds": {"profile": 0.4, "shop": 5.1, "choose": 0.2},
    }
