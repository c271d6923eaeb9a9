"""Events for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from profiles.events.envelope import Event

#: Some days ago, so that no test runs past midnight of it.
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)

#: What events of these names have to say at least.
_LEAST: dict[str, dict[str, Any]] = {
    "Product Viewed": {"sku": "HV-KT-01"},
    "Product Added": {"sku": "HV-KT-01"},
    "Order Completed": {"order_id": "RP-100001"},
    "Ticket Opened": {"ticket_id": "T-100001"},
    "Ticket Closed": {"ticket_id": "T-100001"},
    "Conversation Ended": {"conversation_id": "V-100001"},
}


def event(message_id: str, kind: str = "track", *, minutes: float = 0, **fields: Any) -> Event:
    """An event of customer C000001 (or of the ids given), so many minutes after `NOON`."""
    ids = {} if {"user_id", "anonymous_id"} & fields.keys() else {"user_id": "C000001"}
    name = {"event": "Product Viewed"} if kind == "track" else {}
    said = {
        "properties": {**_LEAST.get({**name, **fields}.get("event", ""), {}), **fields.get("properties", {})}
    }
    moment = NOON + timedelta(minutes=minutes)
    content = {"timestamp": moment, "received_at": moment, "source": "shop", **ids, **name, **fields, **said}
    return Event.model_validate({"message_id": message_id, "type": kind, **content})
