"""Personal values inside of stored events: sealed for the event, so that it can get another owner as it is."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from profiles.crypto import Vault
from profiles.events.envelope import Event

#: The keys of traits and properties whose values never rest in the open, in both spellings that senders use.
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
_PARTS = ("traits", "properties")


def sealed_document(vault: Vault, event: Event) -> str:
    """What of an event has no column of its own, as JSON, personal values sealed."""
    if not any(SENSITIVE & part.keys() for part in (event.traits, event.properties)):
        return event.document()
    document = json.loads(event.document())
    for part in _PARTS:
        for key in SENSITIVE & document[part].keys():
            value = vault.seal(_owner(event.message_id), key, json.dumps(document[part][key]))
            document[part][key] = {"sealed": base64.b64encode(value).decode()}
    return json.dumps(document)


def opened_document(vault: Vault, message_id: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """A stored document with its personal values in the open.

    Raises:
        crypto.Unreadable: a value was not sealed with this key, or belongs to another event.
    """
    opened = dict(document)
    for part in _PARTS:
        values = dict(opened.get(part, {}))
        for key in SENSITIVE & values.keys():
            if isinstance(values[key], dict) and values[key].keys() == {"sealed"}:
                sealed = base64.b64decode(values[key]["sealed"])
                values[key] = json.loads(vault.open(_owner(message_id), key, sealed))
        opened[part] = values
    return opened


def _owner(message_id: str) -> str:
    return f"event {message_id}"
