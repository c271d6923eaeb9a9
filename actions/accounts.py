"""Client of the shop's account API. What the shop tells of contact details is masked already."""

from datetime import date, datetime
from urllib.parse import quote

from actions.shop_calls import Calls, Deadline, Who
from actions.shop_records import Act, Address, Record


class Account(Record):
    """`closing_act` takes the closing back; `open_matters` is the sentence that says why it can't be closed yet."""

    customer_id: str
    name: str
    email: str
    phone: str
    created_at: datetime
    closing_on: date | None = None
    closing_act: str | None = None
    open_matters: str | None = None


class SavedAddress(Address):
    address_id: str
    label: str | None = None
    is_default: bool


class SavedAddressNow(Record):
    """`act` is None when nothing had to be done."""

    address: SavedAddress
    act: Act | None = None
    message: str


class AskedChange(Record):
    """A change that waits for its link to be followed."""

    change_id: str
    field: str
    value: str
    sent_to: list[str]
    valid_until: datetime
    act: Act
    message: str


class Closing(Record):
    closing_on: date
    act: Act
    message: str


class SentLetter(Record):
    """Without a `message_id` nothing was sent, for enough of them went to this address within the hour."""

    message_id: str | None = None
    sent_to: str
    valid_hours: int
    message: str


class TopicState(Record):
    topic: str
    title: str
    subscribed: bool


class ChangedNewsletters(Record):
    """`to_confirm`: nothing begins before the link that went to `sent_to` is followed."""

    topics: list[TopicState]
    to_confirm: bool
    sent_to: str | None = None
    act: Act | None = None
    message: str


class _Book(Record):
    addresses: list[SavedAddress]


class _Newsletters(Record):
    topics: list[TopicState]


class Accounts:
    """Accounts of known customers, or of whoever gives an e-mail address and the number of one of its orders.

    Every method raises `ShopUnavailable` when the turn's budget is used up, and `OrderNotFound` when the account
    can't be found for them. Those that change something take an idempotency key, and raise `Refused`, or
    `NotAccepted` when what was given can't be one.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def account(self, who: Who, deadline: Deadline, *, order_id: str | None = None) -> Account:
        return await self._calls.get(Account, "/account", deadline, _whose(who, order_id))

    async def addresses(
        self, who: Who, deadline: Deadline, *, order_id: str | None = None
    ) -> list[SavedAddress]:
        """The address book, the default first."""
        found = await self._calls.get(_Book, "/account/addresses", deadline, _whose(who, order_id))
        return found.addresses

    async def add_address(
        self,
        who: Who,
        key: str,
        deadline: Deadline,
        *,
        address: Address,
        default: bool,
        order_id: str | None = None,
    ) -> SavedAddressNow:
        """Save an address; one that is saved already is not saved twice."""
        body = {**_whose(who, order_id), "address": address.model_dump(), "default": default}
        return await self._calls.post(SavedAddressNow, "/account/addresses", deadline, body=body, key=key)

    async def make_default(
        self, address_id: str, who: Who, key: str, deadline: Deadline, *, order_id: str | None = None
    ) -> SavedAddressNow:
        path = f"/account/addresses/{quote(address_id)}/default"
        return await self._calls.post(SavedAddressNow, path, deadline, body=_whose(who, order_id), key=key)

    async def change(
        self,
        who: Who,
        key: str,
        deadline: Deadline,
        *,
        field: str,
        value: str,
        order_id: str | None = None,
    ) -> AskedChange:
        """Ask for another `email`, `phone` or `name`: the shop mails the link that makes the change."""
        body = {**_whose(who, order_id), "field": field, "value": value}
        return await self._calls.post(AskedChange, "/account/changes", deadline, body=body, key=key)

    async def close(self, who: Who, key: str, deadline: Deadline, *, order_id: str | None = None) -> Closing:
        """Close the account after the days of grace."""
        return await self._calls.post(
            Closing, "/account/close", deadline, body=_whose(who, order_id), key=key
        )

    async def send_letter(self, kind: str, who: Who, key: str, deadline: Deadline) -> SentLetter:
        """Mail help: `password`, `registration` or `invitation`. The answer is the same for every address."""
        body = {"kind": kind, **who.fields()}
        return await self._calls.post(SentLetter, "/letters", deadline, body=body, key=key)

    async def newsletters(self, who: Who, deadline: Deadline) -> list[TopicState]:
        """The topics, and whether a known customer gets them."""
        return (await self._calls.get(_Newsletters, "/newsletters", deadline, who.fields())).topics

    async def change_newsletters(
        self, who: Who, key: str, deadline: Deadline, *, topics: list[str], wanted: bool
    ) -> ChangedNewsletters:
        """Begin or stop newsletters; for an e-mail address alone nothing begins without a mailed link."""
        body = {**who.fields(), "topics": topics, "wanted": wanted}
        return await self._calls.post(ChangedNewsletters, "/newsletters", deadline, body=body, key=key)


def _whose(who: Who, order_id: str | None) -> dict[str, str]:
    return who.fields() | ({"order_id": order_id} if order_id and who.customer_id is None else {})
