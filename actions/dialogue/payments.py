"""Questions about money that was or was not taken."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from actions.dialogue import questions
from actions.orders import pounds_value
from actions.shop import Payment
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import day, method, pounds

_TWICE = re.compile(r"\b(twice|double|duplicate|two times|two payments)\b", re.I)
_FAILED = re.compile(r"\b(declin|fail|reject|refus|(did ?n.?t|won.?t|not) (go|work|accept))", re.I)
_RECENT = timedelta(days=60)  # older trouble is not what a customer asks about now
_TO_PERSON = quick_reply("Talk to a person", "contact_human_agent")


async def billing_inquiry(turn: Turn) -> None:
    """A charge, an amount or an invoice that the customer asks about."""
    if questions.answer_question(turn):
        return
    turn.concern("billing", "open")
    turn.remember(offer="person_mentioned")
    if turn.customer is None:
        # Payments are shown to nobody whom the shop has not signed in.
        turn.say("utter_payments_need_sign_in", quick_replies=[_TO_PERSON])
        return
    payments = await turn.services.shop.payments(turn.who, turn.deadline)
    kind, payment = matter(turn, sorted(payments, key=lambda p: p.at, reverse=True))
    turn.note(f"payments looked up: {kind}")
    back_by = None
    if kind == "duplicate" and payment is not None:
        detail = await turn.services.shop.payment(payment.payment_id, turn.who, turn.deadline)
        back_by = day(detail.returned_by)
        kind = "duplicate_late" if detail.next_step == "person" else kind
    if kind in {"duplicate", "match", "released", "pending"}:
        turn.concern("billing", "answered")
    offers = [_TO_PERSON]
    if payment is not None:
        turn.remember(order_id=payment.order_id)
        offers.insert(0, quick_reply("Show the order", "track_order", order_id=payment.order_id))
    values: dict[str, Any] = dict.fromkeys(("amount", "order_id", "date", "method"))
    if payment is not None:
        values = {
            "amount": pounds(payment.amount),
            "order_id": payment.order_id,
            "date": day(payment.at),
            "method": method(payment.method),
        }
    turn.say(
        "utter_billing_help", kind=kind, count=len(payments), back_by=back_by, quick_replies=offers, **values
    )


def unsettled(text: str) -> bool:
    """Whether the words say that a payment did not go through."""
    return _FAILED.search(text) is not None


def matter(turn: Turn, payments: list[Payment]) -> tuple[str, Payment | None]:
    """What the question is most likely about.

    Args:
        payments: newest first.

    Returns:
        A kind (`duplicate`, `failed`, `released`, `match`, `pending`, `latest`; without a payment `unknown_charge`,
        `not_twice`, `not_failed`, `none`) and the payment.
    """
    amounts = {pounds_value(amount) for amount in turn.entities.get("money", [])}
    order_id = turn.entity("order_id")
    named = [p for p in payments if p.amount in amounts or (order_id is not None and p.order_id == order_id)]
    if (amounts or order_id) and not named:
        return "unknown_charge", None
    return _trouble(turn, payments, named) or _untroubled(payments, named)


def _trouble(turn: Turn, payments: list[Payment], named: list[Payment]) -> tuple[str, Payment | None] | None:
    pool = named or _recent(payments)
    declined = unsettled(turn.text) and not _TWICE.search(turn.text)
    for status in ("failed", "released") if declined else ("duplicate", "failed", "released"):
        # Money taken twice is owed however long ago it was.
        places = named or payments if status == "duplicate" else pool
        found = next((payment for payment in places if payment.status == status), None)
        if found is not None:
            return status, found
    if _TWICE.search(turn.text):
        return "not_twice", None
    return ("not_failed", None) if declined and not named else None


def _untroubled(payments: list[Payment], named: list[Payment]) -> tuple[str, Payment | None]:
    if named:
        return ("pending" if named[0].status == "authorised" else "match"), named[0]
    recent = _recent(payments)
    pending = next((payment for payment in recent if payment.status == "authorised"), None)
    if pending is not None:
        return "pending", pending
    return ("latest", payments[0]) if payments else ("none", None)


def _recent(payments: list[Payment]) -> list[Payment]:
    return [payment for payment in payments if payment.at > datetime.now(UTC) - _RECENT]
