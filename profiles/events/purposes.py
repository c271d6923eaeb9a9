"""Which purpose an event serves, so that it is kept only for those who have not refused that purpose."""

from profiles.events.envelope import Event
from profiles.protocol import Purpose

#: Events that the shop needs to serve the customer; all that people merely look at is for analytics.
_OF_SERVICE = frozenset(
    {
        "Call Ended",
        "Conversation Ended",
        "Order Cancelled",
        "Order Completed",
        "Order Refunded",
        "Order Updated",
        "Signed In",
        "Signed Up",
        "Ticket Closed",
        "Ticket Opened",
    }
)


def purpose_of(kind: str, name: str | None) -> Purpose:
    """The purpose of an event of this kind (`track`, `page`, …) and name."""
    if kind == "page" or (kind == "track" and name not in _OF_SERVICE):
        return "analytics"
    return "service"


def refused_where_it_was_made(event: Event) -> bool:
    """Whether the consent that came with the event itself speaks against it."""
    return event.consented.get(purpose_of(event.type, event.event)) is False
