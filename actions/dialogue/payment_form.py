"""A payment that went wrong: which one, what became of it, and the next step."""

import re
from typing import Any

from actions.dialogue.form import Field, yes_no
from actions.dialogue.payments import matter, unsettled
from actions.dialogue.personal_form import PersonalForm
from actions.orders import place_meant
from actions.shop import Act, Payment, PaymentDetail
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import day, method, pounds

TO_PERSON = quick_reply("Talk to a person", "contact_human_agent")
MOST_SHOWN = 4
#: Nothing that was taken or refused stands in the account for these words.
_NOTHING_FOUND = frozenset({"unknown_charge", "not_twice", "not_failed", "none"})
_NO_ORDER = re.compile(
    r"\b(no order|(don.?t|do not) have (an? |any |one)|without an order|at (the )?checkout|did ?n.?t get (a|one|any)|none|never got (a|one))\b",
    re.I,
)


def _payment(turn: Turn, payments: list[Payment], asked: bool) -> str | None:
    recent = _shown(payments)
    if asked and (place := place_meant(turn.said, len(recent))) is not None:
        return recent[place].payment_id
    kind, found = matter(turn, payments)
    if found is None or kind in _NOTHING_FOUND:
        return None
    if kind in {"latest", "pending"} and len(recent) > 1 and not turn.entities.keys() & {"money", "order_id"}:
        return None  # nothing in the words says which
    if "payment" in turn.answers and not asked and not turn.entities.keys() & {"money", "order_id"}:
        return None
    return found.payment_id


def _ask_payment(turn: Turn, payments: list[Payment], again: bool) -> None:
    offers = [
        quick_reply(f"{pounds(p.amount)}, {day(p.at)}, {p.order_id}"[:60], "inform", order_id=p.order_id)
        for p in _shown(payments)
    ]
    turn.say("utter_ask_payment", again=again, quick_replies=[*offers, TO_PERSON])


def _shown(payments: list[Payment]) -> list[Payment]:
    return payments[:MOST_SHOWN]


class PaymentIssue(PersonalForm[list[Payment]]):
    intent = "payment_issue"
    act = "look into a payment"
    issue = "billing"
    reasons = frozenset({"billing_inquiry"})
    fields = (Field("payment", "Payment", _payment, _ask_payment),)

    async def load(self, turn: Turn) -> list[Payment]:
        order_id = turn.slot("order_id") if turn.customer is None else None
        found = await turn.services.shop.payments(turn.who, turn.deadline, order_id)
        return sorted(found, key=lambda payment: payment.at, reverse=True)

    async def find(self, turn: Turn, asked: str | None) -> list[Payment] | None:
        if turn.customer is None and asked == "order_id" and _NO_ORDER.search(turn.text):
            turn.note("a payment without an order")
            self._tell_of_none(turn, "no_order")
            return None
        return await super().find(turn, asked)

    async def answers_it(self, turn: Turn, asked: str) -> bool:
        if asked == "order_id" and turn.customer is None and _NO_ORDER.search(turn.text):
            return True
        return await super().answers_it(turn, asked)

    async def ask(self, turn: Turn, asked: str, again: bool) -> None:
        if asked == "order_id" and turn.customer is None and not again:
            # A card that is refused leaves no order: what helps then comes first.
            turn.say("utter_payment_of_visitor", failed=unsettled(turn.text), quick_replies=[TO_PERSON])
            return
        await super().ask(turn, asked, again)

    async def ready(self, turn: Turn, subject: list[Payment]) -> bool:
        kind, _ = matter(turn, subject)
        if "payment" in turn.answers or kind not in _NOTHING_FOUND:
            return True
        if subject and turn.slot("requested_slot") == "payment":
            return True  # an answer that chose nothing: asked again
        self._tell_of_none(turn, kind)
        return False

    def _tell_of_none(self, turn: Turn, kind: str) -> None:
        turn.note(f"payments looked up: {kind}")
        turn.concern(self.issue, "open")
        turn.remember(offer="person_mentioned")
        if kind == "no_order":
            turn.say("utter_payment_without_order", quick_replies=[TO_PERSON])
        else:
            values: dict[str, Any] = dict.fromkeys(
                ("amount", "order_id", "date", "method", "settled", "back_by")
            )
            turn.say("utter_payment_problem", kind=kind, quick_replies=[TO_PERSON], **values)
        turn.leave_form()

    async def complete(self, turn: Turn, subject: list[Payment], asked: str | None) -> None:
        if asked == "confirmed":
            await super().complete(turn, subject, asked)
            return
        order_id = next(p.order_id for p in subject if p.payment_id == turn.answers["payment"])
        detail = await turn.services.shop.payment(
            turn.answers["payment"], turn.who, turn.deadline, order_id if turn.customer is None else None
        )
        turn.remember(order_id=order_id)
        self._tell(turn, detail)
        if detail.next_step == "pay_again":
            turn.remember(requested_slot="confirmed")
            await self.summarise(turn, subject)
            return
        turn.leave_form()

    def _tell(self, turn: Turn, detail: PaymentDetail) -> None:
        kind = _KINDS.get(detail.status, "match")
        turn.note(f"payments looked up: {kind}, next step {detail.next_step}")
        turn.concern(self.issue, "open" if detail.next_step in {"person", "pay_again"} else "answered")
        turn.remember(offer="person_mentioned" if detail.next_step != "pay_again" else None)
        late = kind == "duplicate" and detail.next_step == "person"
        offers = [quick_reply("Show the order", "track_order", order_id=detail.order_id), TO_PERSON]
        turn.say(
            "utter_payment_problem",
            kind="duplicate_late" if late else kind,
            amount=pounds(detail.amount),
            order_id=detail.order_id,
            date=day(detail.at),
            method=method(detail.method),
            settled=detail.status == "failed" and detail.next_step == "none",
            back_by=day(detail.returned_by),
            quick_replies=[] if detail.next_step == "pay_again" else offers,
        )

    async def summarise(self, turn: Turn, subject: list[Payment]) -> None:
        paid = next(p for p in subject if p.payment_id == turn.answers["payment"])
        turn.say(
            "utter_confirm_payment_link",
            order_id=paid.order_id,
            amount=pounds(paid.amount),
            quick_replies=yes_no("Yes, send me the link", order_id=paid.order_id),
        )

    def act_name(self, turn: Turn, subject: list[Payment]) -> str:
        return f"payment-link-{turn.slot('order_id')}"

    async def act_on(self, turn: Turn, subject: list[Payment], key: str) -> Act | None:
        sent = await turn.services.shop.send_payment_link(turn.slot("order_id"), turn.who, key, turn.deadline)
        turn.note("payment link sent")
        turn.concern(self.issue, "answered")
        turn.say(
            "utter_payment_link_sent",
            order_id=sent.order_id,
            amount=pounds(sent.amount),
            sent_to=sent.sent_to,
            until=day(sent.valid_until),
            message_id=sent.message_id,
        )
        return None


_KINDS = {"authorised": "pending", "failed": "failed", "duplicate": "duplicate", "released": "released"}
