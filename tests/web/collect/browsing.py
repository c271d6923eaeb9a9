"""A browser's events, as `web/sdk` sends them."""

from typing import Any
from uuid import uuid4

CONSENTED = {"consent": {"categoryPreferences": {"analytics": True}}}


def said(**changes: Any) -> dict[str, Any]:
    """A product was looked at, unless changed."""
    return {
        "messageId": str(uuid4()),
        "type": "track",
        "event": "Product Viewed",
        "anonymousId": "visitor-1",
        "properties": {"sku": "HV-HP-01", "price": 149.0},
        "context": CONSENTED,
        "timestamp": "2026-11-22T10:15:00Z",
        **changes,
    }
