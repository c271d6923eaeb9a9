"""Personal values of stored events: sealed for the event, so that it can get another customer as it is."""

import json
from collections.abc import Mapping
from typing import Any

from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.quality.schemas import registry

_FIELD = "event"


def split(vault: Vault, event: Event) -> tuple[str, bytes | None]:
    """What of an event has no column of its own: in the open as JSON, and what is personal, sealed."""
    personal = {
        "traits": event.traits.keys(),
        "properties": registry().sensitive(event.type, event.event) & event.properties.keys(),
    }
    if not any(personal.values()):
        return event.document(), None
    document = json.loads(event.document())
    taken = {part: {key: document[part].pop(key) for key in sorted(keys)} for part, keys in personal.items()}
    return json.dumps(document), vault.seal(event.message_id, _FIELD, json.dumps(taken))


def joined(
    vault: Vault, message_id: str, document: Mapping[str, Any], sealed: bytes | None
) -> dict[str, Any]:
    """A stored document with its personal values.

    Raises:
        crypto.Unreadable: they were not sealed with this key, or belong to another event.
    """
    if sealed is None:
        return dict(document)
    taken = json.loads(vault.open(message_id, _FIELD, sealed))
    return {**document, **{part: {**document.get(part, {}), **values} for part, values in taken.items()}}
