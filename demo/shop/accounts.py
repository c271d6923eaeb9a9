"""Accounts: who they belong to, what they hold, the address book, closing."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Self

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.shop import acts, addresses, documents, reading
from demo.shop.acts import Moment
from demo.shop.addresses import Address
from demo.shop.tables import AccountRow, ActRow, AddressRow, OrderRow
from demo.shop.wording import LONDON, day, listed, local_day

_OPEN = ("processing", "packed", "shipped", "out_for_delivery", "return_requested")


class Account(BaseModel):
    """An account as its customer may see it in a chat: what others could misuse is masked.

    `closing_act` takes the closing back; `open_matters` is the sentence that says why it can't be closed yet.
    """

    customer_id: str
    name: str
    email: str
    phone: str
    created_at: datetime
    closing_on: date | None
    closing_act: str | None
    open_matters: str | None


class SavedAddress(Address):
    address_id: str
    label: str | None
    is_default: bool

    @classmethod
    def of(cls, row: AddressRow, at: Moment) -> Self:
        content = at.sealer.open(f"address:{row.address_id}", row.sealed_address)
        return cls(address_id=row.address_id, label=row.label, is_default=row.is_default, **content)


class AddressBook(BaseModel):
    addresses: list[SavedAddress]


class SavedAddressNow(BaseModel):
    """`act` is None when nothing had to be done."""

    address: SavedAddress
    act: documents.Act | None
    message: str


class Closing(BaseModel):
    closing_on: date
    act: documents.Act
    message: str


async def row(session: AsyncSession, customer_id: str, at: Moment, *, lock: bool = False) -> AccountRow:
    """The account of this customer; one whose days of grace are over is gone.

    Raises:
        Problem: 404 `unknown-account`.
    """
    query = select(AccountRow).where(AccountRow.customer_id == customer_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = (await session.scalars(query)).one_or_none()
    if found is None or (found.closing_on is not None and found.closing_on <= local_day(at.now)):
        raise Problem(404, "unknown-account", "There is no such account.")
    return found


def email_of(account: AccountRow, at: Moment) -> str:
    return str(at.sealer.open(f"email:{account.customer_id}", account.sealed_email))


async def view(session: AsyncSession, customer_id: str, at: Moment) -> Account:
    """The account, masked."""
    account = await row(session, customer_id, at)
    phone = at.sealer.open(f"phone:{customer_id}", account.sealed_phone)
    closing = await _closing_act(session, customer_id) if account.closing_on else None
    return Account(
        customer_id=customer_id,
        name=at.sealer.open(f"name:{customer_id}", account.sealed_name),
        email=addresses.masked_email(email_of(account, at)),
        phone=addresses.masked_phone(phone),
        created_at=account.created_at,
        closing_on=account.closing_on,
        closing_act=closing.act_id if closing else None,
        open_matters=await _open_matters(session, customer_id),
    )


async def book(session: AsyncSession, customer_id: str, at: Moment) -> AddressBook:
    """The saved addresses, the default first."""
    await row(session, customer_id, at)
    return AddressBook(addresses=[SavedAddress.of(saved, at) for saved in await _saved(session, customer_id)])


async def add_address(
    session: AsyncSession, customer_id: str, address: Address, at: Moment, *, label: str | None, default: bool
) -> SavedAddressNow:
    """Save an address; one that is saved already is not saved twice.

    Raises:
        Problem: 422 `not-an-address`, with a sentence for the customer.
    """
    good = addresses.checked(address)
    await row(session, customer_id, at, lock=True)
    saved = await _saved(session, customer_id)
    for known in saved:
        if _same(SavedAddress.of(known, at), good):
            if default and not known.is_default:
                return await make_default(session, customer_id, known.address_id, at)
            there = SavedAddress.of(known, at)
            return SavedAddressNow(
                address=there, act=None, message="That address is in your address book already."
            )
    before = next((known for known in saved if known.is_default), None)
    if default and before is not None:
        before.is_default = False
        await session.flush()
    address_id = f"AD-{await acts.number(session, 'address_numbers')}"
    made = AddressRow(
        address_id=address_id,
        customer_id=customer_id,
        label=label,
        sealed_address=at.sealer.seal(f"address:{address_id}", good.model_dump()),
        is_default=default or not saved,
        added_at=at.now,
    )
    session.add(made)
    undoing = {"address_id": address_id, "default": before.address_id if default and before else None}
    act = await acts.record(session, "add_address", customer_id, undoing, at)
    as_default = " as your default address" if made.is_default else ""
    message = f"{good.line1}, {good.postcode} is saved{as_default}."
    return SavedAddressNow(address=SavedAddress.of(made, at), act=documents.Act.of(act), message=message)


async def make_default(
    session: AsyncSession, customer_id: str, address_id: str, at: Moment
) -> SavedAddressNow:
    """Let orders go to this address when none is named.

    Raises:
        Problem: 404 `unknown-address`.
    """
    await row(session, customer_id, at, lock=True)
    saved = {known.address_id: known for known in await _saved(session, customer_id)}
    chosen = saved.get(address_id)
    if chosen is None:
        raise Problem(404, "unknown-address", "That address is not in the address book.")
    before = next((known for known in saved.values() if known.is_default), None)
    if before is chosen:
        return SavedAddressNow(
            address=SavedAddress.of(chosen, at), act=None, message="That is your default address already."
        )
    await _switch_default(session, before, chosen)
    undoing = {"default": before.address_id if before else None}
    act = await acts.record(session, "default_address", customer_id, undoing, at)
    now = SavedAddress.of(chosen, at)
    message = f"{now.line1}, {now.postcode} is your default address now."
    return SavedAddressNow(address=now, act=documents.Act.of(act), message=message)


async def put_back_default(session: AsyncSession, customer_id: str, address_id: str | None) -> None:
    """Make `address_id` the default address again; None: no address is."""
    saved = {known.address_id: known for known in await _saved(session, customer_id)}
    chosen = saved.get(address_id or "")
    before = next((known for known in saved.values() if known.is_default), None)
    await _switch_default(session, before, chosen)


async def close(session: AsyncSession, customer_id: str, at: Moment) -> Closing:
    """Close an account after the days of grace.

    Raises:
        Problem: 409 `open-orders`, with a sentence for the customer that names them; 409 `closing-already`.
    """
    account = await row(session, customer_id, at, lock=True)
    if account.closing_on is not None:
        on = day(account.closing_on, at.now)
        raise Problem(409, "closing-already", f"The account is to be closed on {on} already.")
    if open_matters := await _open_matters(session, customer_id):
        raise Problem(409, "open-orders", open_matters)
    account.closing_on = local_day(at.now) + timedelta(days=at.policy.accounts.closing_grace_days)
    until = datetime.combine(account.closing_on, time(), tzinfo=LONDON)
    act = await acts.record(session, "close", customer_id, {}, at, undo_until=until)
    message = (
        f"The account is closed on {day(account.closing_on, at.now)}; until then it can be kept after all."
    )
    return Closing(closing_on=account.closing_on, act=documents.Act.of(act), message=message)


async def _open_matters(session: AsyncSession, customer_id: str) -> str | None:
    query = (
        select(OrderRow.order_id)
        .where(OrderRow.customer_id == customer_id, OrderRow.status.in_(_OPEN))
        .order_by(OrderRow.placed_at)
    )
    if waiting := list(await session.scalars(query)):
        are = "is" if len(waiting) == 1 else "are"
        return f"{listed(waiting)} {are} still open; the account can be closed once nothing is on its way."
    if any(refund.status != "paid" for refund in await reading.refunds_of(session, customer_id, None)):
        return "A refund is still on its way to you; it has to arrive first."
    return None


async def _closing_act(session: AsyncSession, customer_id: str) -> ActRow | None:
    query = (
        select(ActRow)
        .where(ActRow.customer_id == customer_id, ActRow.kind == "close", ActRow.undone_at.is_(None))
        .order_by(ActRow.done_at.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def _saved(session: AsyncSession, customer_id: str) -> Sequence[AddressRow]:
    query = (
        select(AddressRow)
        .where(AddressRow.customer_id == customer_id)
        .order_by(AddressRow.is_default.desc(), AddressRow.added_at.desc(), AddressRow.address_id.desc())
    )
    return (await session.scalars(query)).all()


async def _switch_default(
    session: AsyncSession, before: AddressRow | None, chosen: AddressRow | None
) -> None:
    """One after the other, since the table lets nobody have two at any time."""
    if before is not None:
        before.is_default = False
        await session.flush()
    if chosen is not None:
        chosen.is_default = True
        await session.flush()


def _same(one: Address, other: Address) -> bool:
    def plain(address: Address) -> tuple[str, str, str]:
        return address.line1.casefold(), (address.line2 or "").casefold(), address.postcode

    return plain(one) == plain(other)
