"""The customer beside the conversation: who, segment and why, orders, earlier contacts, consent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from web.agents.schemas import CustomerPanel, Part, PastIssue
from web.console.kit import Chip, Disclosure, Node, Notice, Panel, When, facts, lines, link
from web.console.kit.chips import Tone
from web.console.words import humanised

_PARTS: dict[Part, str] = {
    "details": "Name, e-mail and phone",
    "profile": "Segment, attributes and consent",
    "orders": "Orders",
}
_ORDERS_SHOWN = 5
_STATUS_TONES: dict[str, Tone] = {
    "delivered": "good",
    "cancelled": "bad",
    "returned": "warn",
    "return_requested": "warn",
}


def customer_panel(panel: CustomerPanel | None) -> None:
    """Put the parts of the panel here; None is an anonymous visitor."""
    if panel is None:
        with Panel("Customer"):
            Node("p", "An anonymous visitor: nothing is known, and nothing personal may be said.")
        return
    _person(panel)
    _orders(panel.orders)
    _past(panel.past_issues)
    _consent(panel.consent)


def _person(panel: CustomerPanel) -> None:
    with Panel("Customer"):
        for part in panel.unavailable:
            Notice(f"{_PARTS[part]} can't be read just now.", "warn")
        with Node("p", "", "chips"):
            if panel.segment:
                Chip(humanised(panel.segment), "accent", prefix="Segment")
            if panel.tier:
                Chip(f"Tier {panel.tier}")
        known = [
            ("Name", panel.name),
            ("Number", panel.customer_id),
            ("E-mail", panel.email),
            ("Phone", panel.phone),
        ]
        facts([(name, value) for name, value in known if value])
        if panel.segment_why:
            with Disclosure("Why this segment?"):
                lines(panel.segment_why)
        if panel.attributes:
            with Disclosure("What else is known"):
                facts([(attribute.label, attribute.value) for attribute in panel.attributes])


def _orders(orders: list[dict[str, Any]] | None) -> None:
    if orders is None:
        return
    with Panel("Orders"):
        if not orders:
            Node("p", "No orders.")
        for order in orders[:_ORDERS_SHOWN]:
            _order(order)
        if len(orders) > _ORDERS_SHOWN:
            with Disclosure(f"Older orders ({len(orders) - _ORDERS_SHOWN})"):
                for order in orders[_ORDERS_SHOWN:]:
                    _order(order)


def _order(order: dict[str, Any]) -> None:
    status = str(order.get("status") or "")
    with Node("div", "", "card"):
        with Node("p", "", "chips"):
            Node("strong", str(order.get("order_id", "")))
            Chip(humanised(status), _STATUS_TONES.get(status, "plain"))
        lines([f"{item.get('quantity')} × {item.get('name')}" for item in order.get("items") or []])
        with Node("p", "", "hint"):
            if order.get("total") is not None:
                Node("span", f"£{float(order['total']):,.2f}, ordered ")
            if order.get("placed_at"):
                When(datetime.fromisoformat(str(order["placed_at"])))


def _past(issues: Sequence[PastIssue] | None) -> None:
    if issues is None:
        return
    with Panel("Earlier contacts"):
        if not issues:
            Node("p", "None.")
        with Node("ul", "", "lines"):
            for past in issues:
                with Node("li"):
                    _past_issue(past)


def _past_issue(past: PastIssue) -> None:
    parts = [
        past.subject or humanised(past.issue or "contact"),
        past.outcome and past.outcome.replace("_", " "),
    ]
    words = ", ".join(part for part in parts if part)
    if past.conversation_id:
        link(words, f"/conversations/{past.conversation_id}")
    else:
        Node("span", f"{words} ({past.channel})")
    When(past.at)


def _consent(consent: dict[str, bool] | None) -> None:
    if consent is None:
        return
    with Panel("Consent"):
        facts([(humanised(purpose), "given" if given else "not given") for purpose, given in consent.items()])
