"""Client of the shop's order API."""

from datetime import date
from typing import Any
from urllib.parse import quote

from actions.accounts import Accounts
from actions.shop_calls import (
    BUDGET,
    Calls,
    Deadline,
    NotAccepted,
    OrderNotFound,
    Refused,
    ShopUnavailable,
    Who,
)
from actions.shop_records import (
    Act,
    Address,
    Case,
    ChangedOrder,
    Invoice,
    Item,
    ItemWarranty,
    OpenedCase,
    Order,
    Payment,
    PaymentDetail,
    Record,
    Refund,
    SentInvoice,
    SentPaymentLink,
    Undone,
)

__all__ = [
    "BUDGET",
    "Act",
    "Address",
    "Case",
    "ChangedOrder",
    "Deadline",
    "Invoice",
    "Item",
    "ItemWarranty",
    "NotAccepted",
    "OpenedCase",
    "Order",
    "OrderNotFound",
    "Payment",
    "PaymentDetail",
    "Refund",
    "Refused",
    "SentInvoice",
    "SentPaymentLink",
    "Shop",
    "ShopUnavailable",
    "Undone",
    "Who",
]


class _Orders(Record):
    orders: list[Order]


class _Refunds(Record):
    refunds: list[Refund]


class _Payments(Record):
    payments: list[Payment]


class _Warranties(Record):
    items: list[ItemWarranty]


class _Cases(Record):
    cases: list[Case]


class Shop:
    """The order API. Every method raises `ShopUnavailable` when the turn's budget is used up, and
    `OrderNotFound` where an order is named that is not there for them. Those that change something take an
    idempotency key, and raise `Refused` with a sentence for the customer when the shop will not do it.
    """

    def __init__(self, url: str, key: str, threads: int = 16) -> None:
        self._calls = Calls(url, key, threads)
        self.accounts = Accounts(self._calls)

    def close(self) -> None:
        self._calls.close()

    async def orders(self, who: Who, deadline: Deadline) -> list[Order]:
        """The customer's orders, newest first."""
        return (await self._calls.get(_Orders, "/orders", deadline, who.fields())).orders

    async def order(self, order_id: str, who: Who, deadline: Deadline) -> Order:
        return await self._calls.get(Order, _path(order_id), deadline, who.fields())

    async def refunds(self, who: Who, order_id: str | None, deadline: Deadline) -> list[Refund]:
        params = who.fields() | ({"order_id": order_id} if order_id else {})
        return (await self._calls.get(_Refunds, "/refunds", deadline, params)).refunds

    async def payments(self, who: Who, deadline: Deadline, order_id: str | None = None) -> list[Payment]:
        """Payments of a known customer, or of one order, newest first."""
        params = who.fields() | ({"order_id": order_id} if order_id else {})
        return (await self._calls.get(_Payments, "/payments", deadline, params)).payments

    async def payment(
        self, payment_id: str, who: Who, deadline: Deadline, order_id: str | None = None
    ) -> PaymentDetail:
        """What became of one payment; one who gives an e-mail address names its order too."""
        params = who.fields() | ({"order_id": order_id} if order_id else {})
        return await self._calls.get(PaymentDetail, f"/payments/{quote(payment_id)}", deadline, params)

    async def invoice(self, order_id: str, who: Who, deadline: Deadline) -> Invoice:
        """The invoice of an order.

        Raises:
            Refused: it has none (yet).
        """
        return await self._calls.get(Invoice, _path(order_id, "invoice"), deadline, who.fields())

    async def warranty(self, order_id: str, who: Who, deadline: Deadline) -> list[ItemWarranty]:
        path = _path(order_id, "warranty")
        return (await self._calls.get(_Warranties, path, deadline, who.fields())).items

    async def cases(self, order_id: str, who: Who, deadline: Deadline) -> list[Case]:
        """Defects and claims about an order, newest first."""
        return (await self._calls.get(_Cases, _path(order_id, "cases"), deadline, who.fields())).cases

    async def cancel(self, order_id: str, who: Who, key: str, deadline: Deadline) -> ChangedOrder:
        return await self._change(order_id, "cancel", who, key, deadline)

    async def send_back(
        self, order_id: str, who: Who, key: str, deadline: Deadline, *, reason: str, skus: list[str]
    ) -> ChangedOrder:
        """Register a return of these items."""
        return await self._change(order_id, "returns", who, key, deadline, reason=reason, items=skus)

    async def change_address(
        self, order_id: str, who: Who, key: str, deadline: Deadline, *, address: Address
    ) -> ChangedOrder:
        """Send the order somewhere else.

        Raises:
            NotAccepted: it can't be an address.
        """
        return await self._change(order_id, "address", who, key, deadline, address=address.model_dump())

    async def change_day(
        self, order_id: str, who: Who, key: str, deadline: Deadline, *, day: date
    ) -> ChangedOrder:
        """Let the order come on another day."""
        return await self._change(order_id, "day", who, key, deadline, day=day.isoformat())

    async def change_items(
        self, order_id: str, who: Who, key: str, deadline: Deadline, *, items: dict[str, int]
    ) -> ChangedOrder:
        """Give lines of the order other quantities (by sku); 0 takes one out."""
        wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in items.items()]
        return await self._change(order_id, "items", who, key, deadline, items=wanted)

    async def send_invoice(
        self, order_id: str, who: Who, key: str, deadline: Deadline, *, bill_to: str | None = None
    ) -> SentInvoice:
        """Mail the invoice to the customer's address on file, with this name on it if one is given."""
        body = who.fields() | ({"bill_to": bill_to} if bill_to else {})
        return await self._calls.post(SentInvoice, _path(order_id, "invoice"), deadline, body=body, key=key)

    async def open_case(
        self,
        order_id: str,
        who: Who,
        key: str,
        deadline: Deadline,
        *,
        sku: str,
        kind: str,
        problem: str,
        remedy: str,
    ) -> OpenedCase:
        """Report a defect, or claim on the warranty (`kind`: `defect`, `warranty`).

        Args:
            remedy: `repair`, `replacement` or `refund`.
        """
        body = {**who.fields(), "sku": sku, "kind": kind, "problem": problem, "remedy": remedy}
        return await self._calls.post(OpenedCase, _path(order_id, "cases"), deadline, body=body, key=key)

    async def send_payment_link(
        self, order_id: str, who: Who, key: str, deadline: Deadline
    ) -> SentPaymentLink:
        """Mail a link for paying an order whose payment failed."""
        path = _path(order_id, "payment-link")
        return await self._calls.post(SentPaymentLink, path, deadline, body=who.fields(), key=key)

    async def undo(
        self, act_id: str, who: Who, key: str, deadline: Deadline, *, order_id: str | None = None
    ) -> Undone:
        """Take an act back; one who gives an e-mail address names the order too."""
        body = who.fields() | ({"order_id": order_id} if order_id else {})
        return await self._calls.post(Undone, f"/acts/{quote(act_id)}/undo", deadline, body=body, key=key)

    async def _change(
        self, order_id: str, act: str, who: Who, key: str, deadline: Deadline, **more: Any
    ) -> ChangedOrder:
        body = {**who.fields(), **more}
        return await self._calls.post(ChangedOrder, _path(order_id, act), deadline, body=body, key=key)


def _path(order_id: str, act: str = "") -> str:
    return f"/orders/{quote(order_id)}/{act}".rstrip("/")
