"""Changes of name, e-mail address and telephone number: each waits until a link by e-mail is followed."""

from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.identity import email_hash
from demo.shop import accounts, acts, addresses, documents, mail
from demo.shop.acts import Moment
from demo.shop.tables import AccountChangeRow, AccountRow, CustomerRow, Detail, SubscriptionRow

_WORDS = {"email": "e-mail address", "phone": "phone number", "name": "name"}


class AskedChange(BaseModel):
    """`value` and `sent_to` are masked; it is made when the link in the (last) message is followed."""

    change_id: str
    field: Detail
    value: str
    sent_to: list[str]
    valid_until: datetime
    act: documents.Act
    message: str


async def ask(session: AsyncSession, customer_id: str, field: Detail, value: str, at: Moment) -> AskedChange:
    """Take down a change and mail the link that makes it: for a new e-mail address to that one, with a word to
    the old one and a link that stops it; for the rest to the address on file.

    Raises:
        Problem: 422 `not-an-email`, `not-a-phone`, `not-a-name`; 409 `same-already`, `too-many-mails`.
    """
    account = await accounts.row(session, customer_id, at, lock=True)
    wanted = _checked(field, value)
    if wanted == _present(account, field, at):
        raise Problem(409, "same-already", f"That is the {_WORDS[field]} in the account already.")
    on_file = accounts.email_of(account, at)
    if await mail.too_many(session, on_file, "change", at):
        raise Problem(
            409, "too-many-mails", "There were several changes within the hour. Please wait a little."
        )
    # A later wish about the same detail takes the place of one that still waits.
    await session.execute(
        update(AccountChangeRow)
        .where(
            AccountChangeRow.customer_id == customer_id,
            AccountChangeRow.field == field,
            AccountChangeRow.done_at.is_(None),
            AccountChangeRow.stopped_at.is_(None),
        )
        .values(stopped_at=at.now)
    )
    change_id = f"CH-{await acts.number(session, 'change_numbers')}"
    until = at.now + timedelta(hours=at.policy.accounts.link_hours)
    session.add(
        AccountChangeRow(
            change_id=change_id,
            customer_id=customer_id,
            field=field,
            sealed_value=at.sealer.seal(f"change:{change_id}", wanted),
            asked_at=at.now,
            valid_until=until,
            done_at=None,
            stopped_at=None,
        )
    )
    about = {"change_id": change_id}
    making = mail.link(session, "make_change", about, until)
    stopping = mail.link(session, "stop_change", about, until)
    word, shown = _WORDS[field], _shown(field, wanted)
    goes_to = wanted if field == "email" else on_file
    to_make = mail.Message(
        "change",
        f"Please confirm your new {word}",
        f"Follow this link to make {shown} the {word} of your account: {making}\nWasn't it you? {stopping}",
    )
    await mail.send(session, goes_to, to_make, at)
    sent_to = [addresses.masked_email(goes_to)]
    if field == "email":
        to_know = mail.Message(
            "change",
            "Your e-mail address is about to change",
            f"Somebody who is signed in asked for {shown} in place of this address. Wasn't it you? {stopping}",
        )
        await mail.send(session, on_file, to_know, at)
        sent_to.append(addresses.masked_email(on_file))
    act = await acts.record(session, "change", customer_id, about, at)
    return AskedChange(
        change_id=change_id,
        field=field,
        value=shown,
        sent_to=sent_to,
        valid_until=until,
        act=documents.Act.of(act),
        message=f"We've sent a link to {sent_to[0]}; the {word} changes when it is followed.",
    )


async def make(session: AsyncSession, change_id: str, at: Moment) -> str:
    """Make a change whose link was followed; the answer is a sentence for the customer.

    Raises:
        Problem: 409 `change-over` when it was stopped or made before, or nobody may have that address.
    """
    change = await _waiting(session, change_id)
    account = await accounts.row(session, change.customer_id, at, lock=True)
    value = at.sealer.open(f"change:{change_id}", change.sealed_value)
    sealed = at.sealer.seal(f"{change.field}:{change.customer_id}", value)
    if change.field == "email":
        own_hash = email_hash(value, at.data_key)
        taken = select(CustomerRow).where(
            CustomerRow.email_hash == own_hash, CustomerRow.customer_id != change.customer_id
        )
        if (await session.scalars(taken.limit(1))).one_or_none() is not None:
            raise Problem(409, "change-over", "This address belongs to another account of ours.")
        customer = await session.get_one(CustomerRow, change.customer_id)
        await session.execute(
            update(SubscriptionRow)
            .where(SubscriptionRow.email_hash == customer.email_hash)
            .values(email_hash=own_hash)
        )
        customer.email_hash = own_hash
        account.sealed_email = sealed
    elif change.field == "phone":
        account.sealed_phone = sealed
    else:
        account.sealed_name = sealed
    change.done_at = at.now
    return f"Your {_WORDS[change.field]} is changed."


async def stop(session: AsyncSession, change_id: str, at: Moment) -> str:
    """Stop a change that still waits; the answer is a sentence for the customer.

    Raises:
        Problem: 409 `change-over`.
    """
    change = await _waiting(session, change_id)
    change.stopped_at = at.now
    return f"The change of your {_WORDS[change.field]} is stopped; nothing was changed."


async def _waiting(session: AsyncSession, change_id: str) -> AccountChangeRow:
    query = select(AccountChangeRow).where(AccountChangeRow.change_id == change_id).with_for_update()
    change = (await session.scalars(query)).one()
    if change.done_at is not None:
        raise Problem(409, "change-over", "That change was made already.")
    if change.stopped_at is not None:
        raise Problem(409, "change-over", "That change was stopped; nothing was changed.")
    return change


def _checked(field: Detail, value: str) -> str:
    if field == "email":
        return addresses.email(value)
    if field == "phone":
        return addresses.phone(value)
    name = " ".join(value.split())
    if not 2 <= len(name) <= 80 or not any(character.isalpha() for character in name):
        raise Problem(422, "not-a-name", "That can't be a name; two letters are the least.")
    return name


def _present(account: AccountRow, field: Detail, at: Moment) -> str:
    sealed = {"email": account.sealed_email, "phone": account.sealed_phone, "name": account.sealed_name}
    return str(at.sealer.open(f"{field}:{account.customer_id}", sealed[field]))


def _shown(field: Detail, value: str) -> str:
    if field == "email":
        return addresses.masked_email(value)
    return addresses.masked_phone(value) if field == "phone" else value
