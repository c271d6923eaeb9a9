"""E-mails and the links in them. The demo mails nothing: what a real shop would send ends in `shop.outbox`."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.identity import email_hash
from demo.shop import acts
from demo.shop.acts import Moment
from demo.shop.tables import LinkRow, MessageRow

SITE = "https://hearthandvolt.example"


@dataclass(frozen=True)
class Message:
    kind: str
    subject: str
    body: str


async def send(session: AsyncSession, to: str, message: Message, at: Moment) -> str:
    """Put a message into the outbox; its id."""
    message_id = f"MS-{await acts.number(session, 'message_numbers')}"
    content = {"to": to, "subject": message.subject, "body": message.body}
    session.add(
        MessageRow(
            message_id=message_id,
            kind=message.kind,
            recipient_hash=email_hash(to, at.data_key),
            sealed_message=at.sealer.seal(f"message:{message_id}", content),
            at=at.now,
        )
    )
    return message_id


async def too_many(session: AsyncSession, to: str, kind: str, at: Moment) -> bool:
    """Whether this address got as many messages of this kind within the last hour as the policy allows."""
    query = select(func.count()).where(
        MessageRow.recipient_hash == email_hash(to, at.data_key),
        MessageRow.kind == kind,
        MessageRow.at > at.now - timedelta(hours=1),
    )
    return int(await session.scalar(query) or 0) >= at.policy.accounts.mails_an_hour


def link(session: AsyncSession, kind: str, about: dict[str, Any], until: datetime) -> str:
    """A new link; whoever has it may do what it is for, once, until then."""
    token = secrets.token_urlsafe(24)
    session.add(LinkRow(token_hash=_hash(token), kind=kind, about=about, valid_until=until, used_at=None))
    return f"{SITE}/links/{token}"


async def used(session: AsyncSession, token: str, at: Moment) -> LinkRow:
    """The link of this token, now used up.

    Raises:
        Problem: 404 `unknown-link`; 409 `link-over` when it was used or is too old.
    """
    query = select(LinkRow).where(LinkRow.token_hash == _hash(token)).with_for_update()
    found = (await session.scalars(query)).one_or_none()
    if found is None:
        raise Problem(404, "unknown-link", "This link is none of ours.")
    if found.used_at is not None or at.now > found.valid_until:
        raise Problem(409, "link-over", "This link was used already, or is too old. Please ask for another.")
    found.used_at = at.now
    return found


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
