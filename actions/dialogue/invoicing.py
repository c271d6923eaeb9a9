"""The invoice of an order: shown line by line, or sent to its customer once more."""

import hashlib
import re
from typing import Any

from actions.dialogue.form import Field, yes_no
from actions.dialogue.order_form import OrderForm
from actions.shop import Act, Invoice, Order, Refused
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import day, pounds

_NOT_BILLED = ("processing", "packed", "cancelled")
_FOR_A_COMPANY = re.compile(
    r"\b(company|business|firm|ltd|limited|plc|llp|made out to|addressed to|in the name of|on behalf of|expenses|different name|my employer)\b",
    re.I,
)
_NAMED = re.compile(
    r"\b(?:made out to|addressed to|in the name of|billed? to|company(?: name)? is|name of)\s+(?P<name>[\w&'’. -]{2,80}?)\s*(?:[,;!?]|\.(?:\s|$)|\bplease\b|$)",
    re.I,
)
_NONE_AFTER_ALL = re.compile(
    r"^\W*(no|none|nobody|without|just me|my (own )?name|private|never mind)\b", re.I
)
_LEAD = re.compile(r"^\W*((it.?s|to|the name is|name is|make it|please|our company is|we are)\W+)+", re.I)
_LONGEST_NAME = 80


class _InvoiceForm(OrderForm):
    issue = "billing"

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        return [order for order in orders if order.status not in _NOT_BILLED]

    async def nothing(self, turn: Turn) -> None:
        turn.note("no order is billed yet")
        turn.concern(self.issue, "answered")
        turn.say("utter_no_invoice_yet")
        turn.leave_form()

    async def invoice(self, turn: Turn, order: Order) -> Invoice | None:
        """The order's invoice; without one it has been said why and the form is left."""
        try:
            return await turn.services.shop.invoice(order.order_id, turn.who, turn.deadline)
        except Refused as refusal:
            turn.note("no invoice")
            turn.concern(self.issue, "answered")
            turn.say("utter_no_invoice", order_id=order.order_id, detail=str(refusal))
            turn.leave_form()
            return None


class CheckInvoice(_InvoiceForm):
    """Shows it: each line, the delivery, the VAT, and whether it is paid."""

    intent = "check_invoice"
    act = "look at an invoice"

    async def complete(self, turn: Turn, order: Order, asked: str | None) -> None:
        invoice = await self.invoice(turn, order)
        if invoice is None:
            return
        turn.note("invoice shown")
        turn.concern(self.issue, "answered")
        turn.remember(offer="get_invoice")
        turn.say(
            "utter_invoice",
            **_amounts(invoice),
            order_id=order.order_id,
            date=day(invoice.issued_at),
            lines=[f"{line.quantity} × {line.name}: {pounds(line.amount)}" for line in invoice.lines],
            delivery=pounds(invoice.delivery_fee) if invoice.delivery_fee else None,
            link=_link(turn, invoice),
            quick_replies=[quick_reply("E-mail it to me", "get_invoice", order_id=order.order_id)],
        )
        turn.leave_form()


def _read_bill_to(turn: Turn, _order: Order, asked: bool) -> str | None:
    if match := _NAMED.search(turn.text):
        return match["name"].strip()
    if not asked or len(turn.text.strip()) < 2:
        return None
    if _NONE_AFTER_ALL.search(turn.text):
        return ""
    return _LEAD.sub("", turn.text).strip(" .!")[:_LONGEST_NAME] or None


def _ask_bill_to(turn: Turn, order: Order, again: bool) -> None:
    turn.say("utter_ask_bill_to", order_id=order.order_id, again=again)


class GetInvoice(_InvoiceForm):
    """Sends it to the e-mail address on file, with a company's name on it if one is wanted."""

    intent = "get_invoice"
    act = "get an invoice"
    verbs = "send|e-?mail"
    fields = (
        Field(
            "bill_to",
            "Billed to",
            _read_bill_to,
            _ask_bill_to,
            needed=lambda turn: bool(turn.answers.get("for_company")),
            free=True,
        ),
    )

    async def advance(self, turn: Turn, asked: str | None) -> None:
        if _FOR_A_COMPANY.search(turn.text):
            turn.answer(for_company=True)
        await super().advance(turn, asked)

    async def ready(self, turn: Turn, order: Order) -> bool:
        return await self.invoice(turn, order) is not None

    async def summarise(self, turn: Turn, order: Order) -> None:
        invoice = await self.invoice(turn, order)
        if invoice is None:
            return
        turn.say(
            "utter_confirm_invoice",
            **_amounts(invoice),
            order_id=order.order_id,
            bill_to=turn.answers.get("bill_to") or None,
            link=_link(turn, invoice),
            quick_replies=yes_no("Yes, e-mail it", order_id=order.order_id),
        )

    def act_name(self, turn: Turn, order: Order) -> str:
        name = hashlib.sha256(str(turn.answers.get("bill_to") or "").encode()).hexdigest()[:12]
        return f"invoice-{name}:{order.order_id}"

    async def act_on(self, turn: Turn, order: Order, key: str) -> Act | None:
        sent = await turn.services.shop.send_invoice(
            order.order_id, turn.who, key, turn.deadline, bill_to=turn.answers.get("bill_to") or None
        )
        turn.note("invoice sent")
        turn.concern(self.issue, "resolved")
        turn.say(
            "utter_invoice_sent",
            number=sent.invoice.invoice_number,
            sent_to=sent.sent_to,
            bill_to=sent.invoice.bill_to,
        )
        return None


def _amounts(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.invoice_number,
        "total": pounds(invoice.total),
        "vat": pounds(invoice.vat),
        "percent": invoice.vat_percent,
        "paid": invoice.paid,
    }


def _link(turn: Turn, invoice: Invoice) -> str | None:
    """Where it can be opened; only for one who is signed in."""
    return invoice.link if turn.customer is not None else None
