"""A customer's contacts, newest first, page by page."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.protocol import Interaction, UnknownCustomer
from profiles.tables import Customer, StoredInteraction


class BadCursor(ValueError):
    """The cursor is not one that an earlier page gave."""


class ContactPage(BaseModel):
    """Some contacts, and the cursor of those before them; no cursor on the last page."""

    contacts: list[Interaction]
    next: str | None


@dataclass(frozen=True)
class Place:
    """The last contact of a page. The moment alone is not enough: two contacts may share it."""

    occurred_at: datetime
    interaction_id: str

    def cursor(self) -> str:
        """The place as text for an address."""
        content = json.dumps([self.occurred_at.isoformat(), self.interaction_id])
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")

    @classmethod
    def of_cursor(cls, cursor: str) -> "Place":
        """The place that `cursor` gave.

        Raises:
            BadCursor
        """
        try:
            moment, interaction_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            occurred_at = datetime.fromisoformat(moment)
            written = interaction_id.encode()  # half of a character can't be asked for
        except (ValueError, TypeError, AttributeError):
            raise BadCursor from None
        if b"\x00" in written or occurred_at.tzinfo is None:
            raise BadCursor
        return cls(occurred_at, interaction_id)


async def page_of_contacts(
    connection: AsyncConnection, customer_id: str, *, limit: int, after: Place | None = None
) -> ContactPage:
    """At most `limit` contacts of the customer that come after the place.

    Raises:
        UnknownCustomer
    """
    known = select(Customer.customer_id).where(Customer.customer_id == customer_id)
    if await connection.scalar(known) is None:
        raise UnknownCustomer(customer_id)
    moment, own_id = StoredInteraction.occurred_at, StoredInteraction.interaction_id
    query = (
        select(moment, own_id, StoredInteraction.document)
        .where(StoredInteraction.customer_id == customer_id)
        .order_by(moment.desc(), own_id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(tuple_(moment, own_id) < (after.occurred_at, after.interaction_id))
    rows = (await connection.execute(query)).all()
    shown = rows[:limit]
    more = len(rows) > limit
    return ContactPage(
        contacts=[Interaction.model_validate({**row.document, "customer_id": customer_id}) for row in shown],
        next=Place(shown[-1].occurred_at, shown[-1].interaction_id).cursor() if more else None,
    )
