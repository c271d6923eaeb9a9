"""Calls about accounts: details, address book, newsletters, closing, and help by e-mail."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.identity import email_hash
from demo.policy import Topic
from demo.shop import accounts, contact_details, letters, newsletters, reading, undoing
from demo.shop.acts import Moment
from demo.shop.addresses import Address
from demo.shop.reading import ORDER_ID, Who
from demo.shop.setting import Asked, CustomerId, Email, Key, OpenShop, Shop, change_account, get_shop
from demo.shop.tables import Detail

router = APIRouter(dependencies=[Depends(get_shop)])

OrderNumber = Annotated[str, Field(pattern=ORDER_ID)]


class AccountRequest(Asked):
    """Whose account: `customer_id`, or `email` and `order_id` of one of its orders."""

    order_id: OrderNumber | None = None


class NewAddressRequest(AccountRequest):
    address: Address
    label: Annotated[str, Field(max_length=40)] | None = None
    default: bool = False


class ChangeRequest(AccountRequest):
    field: Detail
    value: Annotated[str, Field(max_length=254)]


class LetterRequest(BaseModel):
    """`email`, or the `customer_id` of one who is signed in: then it goes to the address on file."""

    kind: letters.Letter
    customer_id: CustomerId | None = None
    email: Email | None = None


class NewsletterRequest(BaseModel):
    customer_id: CustomerId | None = None
    email: Email | None = None
    topics: list[Topic] = Field(min_length=1)
    wanted: bool


async def whose(
    shop: OpenShop,
    customer_id: Annotated[CustomerId | None, Query()] = None,
    email: Annotated[Email | None, Query()] = None,
    order_id: Annotated[OrderNumber | None, Query()] = None,
) -> str:
    """Whose account is read."""
    return await _owner(shop, AccountRequest(customer_id=customer_id, email=email, order_id=order_id))


Whose = Annotated[str, Depends(whose)]


@router.get("/account")
async def account(shop: OpenShop, customer_id: Whose) -> accounts.Account:
    async with shop.sessions() as session:
        return await accounts.view(session, customer_id, shop.moment())


@router.get("/account/addresses")
async def address_book(shop: OpenShop, customer_id: Whose) -> accounts.AddressBook:
    async with shop.sessions() as session:
        return await accounts.book(session, customer_id, shop.moment())


@router.post("/account/addresses", responses={200: {"model": accounts.SavedAddressNow}})
async def add_address(shop: OpenShop, asked: NewAddressRequest, key: Key) -> JSONResponse:
    """Save a delivery address."""
    owner = await _owner(shop, asked)

    async def work(session: AsyncSession, at: Moment) -> accounts.SavedAddressNow:
        return await accounts.add_address(
            session, owner, asked.address, at, label=asked.label, default=asked.default
        )

    details = asked.model_dump(include={"address", "label", "default"})
    return await change_account(shop, owner, key, act="add-address", details=details, work=work)


@router.post("/account/addresses/{address_id}/default", responses={200: {"model": accounts.SavedAddressNow}})
async def make_default(
    shop: OpenShop, address_id: Annotated[str, Path(pattern=r"^AD-\w+$")], asked: AccountRequest, key: Key
) -> JSONResponse:
    """Make a saved address the default one."""
    owner = await _owner(shop, asked)

    async def work(session: AsyncSession, at: Moment) -> accounts.SavedAddressNow:
        return await accounts.make_default(session, owner, address_id, at)

    return await change_account(
        shop, owner, key, act="default-address", details={"address": address_id}, work=work
    )


@router.post("/account/changes", responses={200: {"model": contact_details.AskedChange}})
async def change_details(shop: OpenShop, asked: ChangeRequest, key: Key) -> JSONResponse:
    """Change name, e-mail address or phone number: a link is mailed that makes the change."""
    owner = await _owner(shop, asked)

    async def work(session: AsyncSession, at: Moment) -> contact_details.AskedChange:
        return await contact_details.ask(session, owner, asked.field, asked.value, at)

    details = asked.model_dump(include={"field", "value"})
    return await change_account(shop, owner, key, act="change-details", details=details, work=work)


@router.post("/account/close", responses={200: {"model": accounts.Closing}})
async def close_account(shop: OpenShop, asked: AccountRequest, key: Key) -> JSONResponse:
    """Close an account after the days of grace."""
    owner = await _owner(shop, asked)

    async def work(session: AsyncSession, at: Moment) -> accounts.Closing:
        return await accounts.close(session, owner, at)

    return await change_account(shop, owner, key, act="close", details={}, work=work)


@router.post("/letters", responses={200: {"model": letters.SentLetter}})
async def send_letter(shop: OpenShop, asked: LetterRequest, key: Key) -> JSONResponse:
    """Mail help with a password, with signing up, or an invitation. The answer is the same for every address."""
    who = Who(asked.customer_id, asked.email)
    to, known = asked.email or "", asked.customer_id
    if known is not None:
        async with shop.sessions() as session:
            to = accounts.email_of(await accounts.row(session, known, shop.moment()), shop.moment())

    async def work(session: AsyncSession, at: Moment) -> letters.SentLetter:
        return await letters.send(session, asked.kind, to, at)

    subject = who.customer_id or email_hash(to, shop.data_key).hex()
    return await change_account(shop, subject, key, act="letter", details={"kind": asked.kind}, work=work)


@router.get("/newsletters")
async def list_newsletters(
    shop: OpenShop, customer_id: Annotated[CustomerId, Query()]
) -> newsletters.Newsletters:
    async with shop.sessions() as session:
        return await newsletters.of(session, customer_id, shop.moment())


@router.post("/newsletters", responses={200: {"model": newsletters.ChangedNewsletters}})
async def change_newsletters(shop: OpenShop, asked: NewsletterRequest, key: Key) -> JSONResponse:
    """Begin or stop newsletters: at once for one who is signed in and for stopping, else by a mailed link."""
    who = Who(asked.customer_id, asked.email)

    async def work(session: AsyncSession, at: Moment) -> newsletters.ChangedNewsletters:
        if who.customer_id is not None:
            return await newsletters.change(session, who.customer_id, asked.topics, asked.wanted, at)
        return await newsletters.change_by_email(session, who.email or "", asked.topics, asked.wanted, at)

    subject = who.customer_id or email_hash(who.email or "", shop.data_key).hex()
    details = {"topics": sorted(asked.topics), "wanted": asked.wanted}
    return await change_account(shop, subject, key, act="newsletters", details=details, work=work)


@router.post("/links/{token}")
async def follow_link(shop: OpenShop, token: str) -> undoing.FollowedLink:
    """What the page behind a link of an e-mail does."""
    async with shop.sessions.begin() as session:
        return await undoing.follow(session, token, shop.moment())


async def _owner(shop: Shop, asked: AccountRequest) -> str:
    """The customer whose account is meant.

    Raises:
        Problem: 422 when it can't be told; 404 `unknown-order`, 403 `not-your-order`.
    """
    who = asked.who()
    if who.customer_id is not None:
        return who.customer_id
    if asked.order_id is None:
        raise Problem(422, "order-missing", "An e-mail address needs the order_id with it.")
    async with shop.sessions() as session:
        order = await reading.own_order(session, asked.order_id, who, shop.data_key)
    return order.customer_id
