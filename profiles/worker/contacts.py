"""Events that tell of a contact with the shop become interactions."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.events.envelope import Event
from profiles.protocol import Interaction

_IDS = uuid.UUID("6f0b1c52-95f3-4d0e-8b61-6d6d1f7b8a11")

#: Of two events about one contact the later one counts, wherever it stands in the stream.
_ADD = text("""
    INSERT INTO profiles.interactions AS i (interaction_id, customer_id, occurred_at, document)
    SELECT DISTINCT ON (id) id, d->>'customer_id', at, d
    FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS d,
        LATERAL (SELECT d->>'interaction_id' AS id, CAST(d->>'occurred_at' AS timestamptz) AS at) AS of_d
    ORDER BY id, at DESC, (d - 'customer_id')::text DESC
    ON CONFLICT (interaction_id) DO UPDATE
    SET customer_id = excluded.customer_id, occurred_at = excluded.occurred_at, document = excluded.document
    WHERE i.customer_id <> excluded.customer_id
        OR (excluded.occurred_at, (excluded.document - 'customer_id')::text)
            > (i.occurred_at, (i.document - 'customer_id')::text)
""")


@dataclass(frozen=True)
class _Form:
    """What an event of one name tells: which property is the contact's id, and what is so without being said."""

    id_property: str
    channel: str
    outcome: str | None = None


_FORMS: Mapping[str, _Form] = {
    "Conversation Ended": _Form("conversation_id", "chat"),
    "Ticket Opened": _Form("ticket_id", "email", "open"),
    "Ticket Closed": _Form("ticket_id", "email", "resolved"),
    "Call Ended": _Form("call_id", "phone"),
}


class NoContact(ValueError):
    """The event tells of a contact, but not so that it could be understood; the message names the fields."""


def contact_of(event: Event, customer_id: str) -> Interaction | None:
    """The contact that an event tells of, if it tells of one.

    Its id is that of the person as the event was sent, so that nobody can overwrite another one's contacts.

    Raises:
        NoContact
    """
    form = _FORMS.get(event.event or "")
    if form is None:
        return None
    told = event.properties
    person = event.user_id or event.anonymous_id
    name = json.dumps([person, form.id_property, told.get(form.id_property, event.message_id)])
    summary = told.get("summary", {})
    content = {
        "interaction_id": f"event-{uuid.uuid5(_IDS, name).hex}",
        "customer_id": customer_id,
        "occurred_at": event.timestamp,
        "channel": told.get("channel", form.channel),
        "issue": told.get("issue"),
        "outcome": told.get("outcome", form.outcome),
        "response_seconds": told.get("response_seconds"),
        "summary": summary if isinstance(summary, dict) else {"text": summary},
    }
    try:
        return Interaction.model_validate(content)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        raise NoContact("; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in faults)) from None


async def add_contacts(connection: AsyncConnection, contacts: Sequence[Interaction]) -> None:
    """Add contacts; of those with one id the latest is kept."""
    if contacts:
        rows = json.dumps([contact.model_dump(mode="json") for contact in contacts])
        await connection.execute(_ADD, {"rows": rows})
