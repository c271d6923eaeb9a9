"""Personal values inside of stored events: sealed for the event, so that it can get another owner as it is."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.quality.schemas import registry

#: The keys of traits whose values never rest in the open, in the spellings that senders use. Which properties do not
#: is declared with the type of the event.
SENSITIVE = frozenset(
    {
        "address",
        "birthDate",
        "birth_date",
        "birthday",
        "email",
        "lastName",
        "last_name",
        "name",
        "notes",
        "phone",
        "username",
    }
)


def sealed_document(vault: Vault, event: Event) -> str:
    """What of an event has no column of its own, as JSON, personal values sealed."""
    personal = {
        "traits": SENSITIVE & event.traits.keys(),
        "properties": registry().sensitive(event.type, event.event) & event.properties.keys(),
    }
    if not any(personal.values()):
        return event.document()
    document = json.loads(event.document())
    for part, keys in personal.items():
        for key in keys:
            value = vault.seal(_owner(event.message_id), key, json.dumps(document[part][key]))
            document[part][key] = {"sealed": base64.b64encode(value).decode()}
    return json.dumps(document)


def opened_document(vault: Vault, message_id: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """A stored document with its personal values in the open.

    Raises:
        crypto.Unreadable: a value was not sealed with this key, or belongs to another event.
    """

    def opened(key: str, value: Any) -> Any:
        if not isinstance(value, dict) or value.keys() != {"sealed"}:
            return value
        return json.loads(vault.open(_owner(message_id), key, base64.b64decode(value["sealed"])))

    parts = {
        part: {key: opened(key, value) for key, value in document.get(part, {}).items()}
        for part in ("traits", "properties")
    }
    return {**document, **parts}


def _owner(message_id: str) -> str:
    return f"event {message_id}"
