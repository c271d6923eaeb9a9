"""What customers asked support, and how it ended."""

import uuid
from datetime import datetime

import numpy as np

from demo.generator.behaviours import Habits
from demo.generator.chance import limits, one_of
from demo.generator.setting import Person
from demo.records import Channel, Interaction, Issue, Order, Outcome, days

_CHANNELS: tuple[Channel, ...] = ("chat", "email", "phone")
_SUBJECTS: dict[Issue, tuple[str, ...]] = {
    "order": ("Where the parcel is", "Change of the delivery address", "Parcel left with a neighbour"),
    "return": ("How to send it back", "Return label did not arrive", "Wrong colour sent"),
    "refund": ("Refund not there yet", "Refund lower than expected"),
    "billing": ("Charged twice", "Invoice does not match the order", "Promo code was not taken off"),
    "technical": ("Will not pair with the phone", "Stops after a few minutes", "Firmware update fails"),
    "complaint": ("Late again", "Arrived damaged", "Nobody called back"),
    "general": ("Question before buying", "Warranty question", "Opening hours"),
}
_OUTCOMES: tuple[Outcome, ...] = ("resolved", "answered", "handed_off", "open")
_OUTCOME_SHARES = limits((0.52, 0.30, 0.14, 0.04))
_OPEN_DAYS = 21  # how long support takes at most, but for those who are let down


def tickets_of(
    person: Person, orders: list[Order], now: datetime, rng: np.random.Generator
) -> list[Interaction]:
    """All contacts with support, oldest first. Who falls silent was often let down just before."""
    tickets = []
    for order in orders:
        late = order.expected_at is not None and (order.delivered_at or now) > order.expected_at
        chance = person.habits.tickets_per_order * (2.5 if late else 1.0) * (1.6 if order.refunds else 1.0)
        if rng.random() < chance:
            at = order.placed_at + days(float(rng.uniform(0.5, 9)))
            if at < now:
                issue = _issue(order, late, person.habits, rng)
                tickets.append(_ticket(person, now, rng, issue=issue, at=at, order=order))
    general = int(rng.poisson(0.3 * (now - person.signed_up).days / 365))
    for _ in range(general):
        at = person.signed_up + (now - person.signed_up) * float(rng.random())
        tickets.append(_ticket(person, now, rng, issue="general", at=at, order=None))
    if person.quiet_from is not None and person.quiet_from > person.signed_up and rng.random() < 0.6:
        tickets.append(_let_down(person, person.quiet_from, orders, now, rng))
    return sorted(tickets, key=lambda ticket: (ticket.occurred_at, ticket.interaction_id))


def _let_down(
    person: Person, quiet_from: datetime, orders: list[Order], now: datetime, rng: np.random.Generator
) -> Interaction:
    issue: Issue = "billing" if rng.random() < 0.5 else "complaint"
    at = quiet_from + days(float(rng.uniform(-6, 1)))
    before = [order for order in orders if order.placed_at < at]
    ticket = _ticket(person, now, rng, issue=issue, at=at, order=before[-1] if before else None)
    ticket.outcome = "open" if rng.random() < 0.5 else "answered"
    return ticket


def _issue(order: Order, late: bool, habits: Habits, rng: np.random.Generator) -> Issue:
    if rng.random() < habits.complains:
        return "complaint" if rng.random() < 0.55 else "billing"
    if order.refunds:
        return "return" if rng.random() < 0.6 else "refund"
    if late or rng.random() < 0.45:
        return "order"
    return "technical"


def _ticket(
    person: Person,
    now: datetime,
    rng: np.random.Generator,
    *,
    issue: Issue,
    at: datetime,
    order: Order | None,
) -> Interaction:
    outcome = _OUTCOMES[one_of(_OUTCOME_SHARES, rng)]
    if outcome == "open" and now - at > days(_OPEN_DAYS):
        outcome = "answered"
    subjects = _SUBJECTS[issue]
    return Interaction(
        interaction_id=str(uuid.UUID(bytes=rng.bytes(16), version=4)),
        channel=person.preferred if rng.random() < 0.7 else _CHANNELS[int(rng.integers(len(_CHANNELS)))],
        occurred_at=at.replace(microsecond=0),
        issue=issue,
        outcome=outcome,
        subject=subjects[int(rng.integers(len(subjects)))],
        order=order,
    )
