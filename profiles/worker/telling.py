"""What events tell about a customer's attributes."""

from profiles.events.envelope import Event
from profiles.traits.write import TraitWrite


def traits_of(event: Event, customer_id: str) -> list[TraitWrite]:
    """The attribute values that an `identify` tells of its customer."""
    if event.type != "identify":
        return []
    return [
        TraitWrite(customer_id, name, value, event.source, event.timestamp, event.message_id)
        for name, value in event.traits.items()
    ]
