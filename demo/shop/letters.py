"""Help by e-mail for those who are not signed in: a forgotten password, trouble signing up, a new account.

Whoever asks learns nothing: to every address something is mailed that fits it, and the answer is the same.
"""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from demo.identity import email_hash
from demo.shop import addresses, mail
from demo.shop.acts import Moment
from demo.shop.mail import SITE, Message
from demo.shop.tables import CustomerRow

Letter = Literal["password", "registration", "invitation"]


class SentLetter(BaseModel):
    """`sent_to` is masked.

    Without a `message_id` nothing was sent, for enough of them went to this address within the hour.
    """

    kind: Letter
    message_id: str | None
    sent_to: str
    valid_hours: int
    message: str


async def send(session: AsyncSession, kind: Letter, to: str, at: Moment) -> SentLetter:
    """Mail what fits this address.

    Raises:
        Problem: 422 `not-an-email`.
    """
    to = addresses.email(to)
    masked = addresses.masked_email(to)
    hours = at.policy.accounts.link_hours
    if await mail.too_many(session, to, kind, at):
        message = (
            f"Several e-mails went to {masked} within the last hour; please look in the spam folder too."
        )
        return SentLetter(kind=kind, message_id=None, sent_to=masked, valid_hours=hours, message=message)
    found = select(CustomerRow.customer_id).where(CustomerRow.email_hash == email_hash(to, at.data_key))
    customer_id = (await session.scalars(found.limit(1))).one_or_none()
    message_id = await mail.send(session, to, _letter(session, kind, customer_id, at), at)
    return SentLetter(
        kind=kind,
        message_id=message_id,
        sent_to=masked,
        valid_hours=hours,
        message=f"We've sent an e-mail to {masked} that says how to go on.",
    )


def _letter(session: AsyncSession, kind: Letter, customer_id: str | None, at: Moment) -> Message:
    until = at.now + timedelta(hours=at.policy.accounts.link_hours)
    if customer_id is not None:
        reset = mail.link(session, "password", {"customer_id": customer_id}, until)
        if kind == "password":
            return Message(kind, "Choose a new password", f"Choose a new password here: {reset}")
        return Message(
            kind,
            "You have an account with us",
            f"There is an account under this address: sign in at {SITE}/account, or choose a new password: {reset}",
        )
    invitation = mail.link(session, "invitation", {}, until)
    if kind == "password":
        return Message(
            kind,
            "No account under this address",
            "Somebody asked for a new password. There is no account under this address; perhaps it is under "
            f"another. A new one can be opened here: {invitation}",
        )
    return Message(kind, "Open your account", f"Confirm your address and choose a password: {invitation}")
