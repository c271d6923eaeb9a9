"""A browser's events, as `web/sdk` sends them."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

CONSENTED = {"consent": {"categoryPreferences": {"analytics": True}}}


def said(**changes: Any) -> dict[str, Any]:
    """A product was looked at, unless changed."""
    return {
        "messageId": f"web-{uuid4()}",
        "type": "track",
        "event": "Product Viewed",
        "anonymousId": "web-visitor-1",
        "properties": {"sku": "HV-HP-01", "price": 149.0},
        "context": CONSENTED,
        "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        **changes,
    }
