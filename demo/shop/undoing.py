"""Taking an act back, and following the links of e-mails."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.identity import email_hash
from demo.shop import accounts, acts, cases, contact_details, documents, mail, newsletters, reading
from demo.shop.acts import Moment
from demo.shop.reading import Who
from demo.shop.tables import ActKind, ActRow, AddressRow, OrderRow


class Undone(BaseModel):
    """`order` as it is again, when the act was about one."""

    act_id: str
    kind: ActKind
    order: documents.Order | None
    message: str


class FollowedLink(BaseModel):
    kind: str
    message: str


_WORDS: dict[ActKind, str] = {
    "cancel": "The order is not cancelled; it comes as planned.",
    "day": "The order comes on the day from before.",
    "return": "The return is taken back; you keep everything.",
    "address": "The order goes to the address from before.",
    "items": "The order is as it was before.",
    "case": "The case is withdrawn.",
    "add_address": "The address is out of your address book again.",
    "default_address": "The default address is the one from before.",
    "change": "The change is stopped; nothing in your account has changed.",
    "close": "Your account stays open.",
    "newsletter": "Your newsletters are as they were before.",
}


async def undo(session: AsyncSession, act_id: str, customer_id: str, at: Moment) -> Undone:
    """Take an act of this customer back.

    Raises:
        Problem: 404 `unknown-act`; 409 `already-undone`, `too-late`, each with a sentence for the customer.
    """
    act = await acts.undoable(session, act_id, customer_id, at)
    before = at.sealer.open(f"act:{act_id}", act.sealed_before)
    order = None
    if act.order_id is not None:
        order = await reading.own_order(session, act.order_id, Who(customer_id, None), at.data_key, lock=True)
        await _undo_on_order(session, act, order, before)
    else:
        await _undo_on_account(session, act, before, at)
    act.undone_at = at.now
    await session.flush()
    now = documents.order(order, at) if order is not None else None
    return Undone(act_id=act_id, kind=act.kind, order=now, message=_WORDS[act.kind])


async def _undo_on_order(session: AsyncSession, act: ActRow, order: OrderRow, before: dict[str, Any]) -> None:
    if act.kind == "case":
        await cases.withdraw(session, before["case_id"])
    elif order.status not in {before["status"], _AFTER.get(act.kind)}:
        raise Problem(409, "too-late", "The order has moved on since, so that can't be taken back any more.")
    else:
        await acts.restore(session, order, before)


#: In which state an act leaves its order; in another one it has moved on.
_AFTER = {"cancel": "cancelled", "return": "return_requested"}


async def _undo_on_account(session: AsyncSession, act: ActRow, before: dict[str, Any], at: Moment) -> None:
    match act.kind:
        case "add_address":
            await session.execute(delete(AddressRow).where(AddressRow.address_id == before["address_id"]))
            if before["default"] is not None:
                await accounts.put_back_default(session, act.customer_id, before["default"])
        case "default_address":
            await accounts.put_back_default(session, act.customer_id, before["default"])
        case "change":
            await contact_details.stop(session, before["change_id"], at)
        case "close":
            (await accounts.row(session, act.customer_id, at, lock=True)).closing_on = None
        case "newsletter":
            own = email_hash(
                accounts.email_of(await accounts.row(session, act.customer_id, at), at), at.data_key
            )
            await newsletters.put(session, own, set(before["topics"]), at)


async def follow(session: AsyncSession, token: str, at: Moment) -> FollowedLink:
    """Do what a link from an e-mail is for.

    Raises:
        Problem: 404 `unknown-link`; 409 `link-over`, `change-over`.
    """
    link = await mail.used(session, token, at)
    match link.kind:
        case "make_change":
            message = await contact_details.make(session, link.about["change_id"], at)
        case "stop_change":
            message = await contact_details.stop(session, link.about["change_id"], at)
        case "newsletter":
            own = bytes.fromhex(link.about["email_hash"])
            await newsletters.begin(session, own, set(link.about["topics"]), at)
            message = "Thank you, your newsletters are on their way from now on."
        case _:
            # Passwords, new accounts and paying belong to a real shop's own pages; the demo has none.
            message = "This link opens a page of the shop that the demo does not have."
    return FollowedLink(kind=link.kind, message=message)
