"""What follows from a customer's contacts, events and the shop's facts. Always the same as from scratch.

Everything is a function of the customer's present rows, so that it does not matter in which order they came.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from profiles.activity import Activity
from profiles.protocol import Interaction, utc_text

#: Contacts of the last so many days count in `tickets_90d`.
TICKET_DAYS = 90
UNSETTLED = frozenset({"open", "handed_off"})
#: So much worth of actions in 30 days makes an `engagement` of 63 of 100.
ENGAGED = 20.0


def derive(
    facts: Mapping[str, Any],
    facts_at: datetime,
    signed_up_at: datetime,
    *,
    interactions: Iterable[Interaction],
    activity: Activity,
    now: datetime,
) -> dict[str, Any]:
    """The stored attributes: the shop's facts, and what contacts and events add.

    The last issue is that of the latest contact about more than a greeting (`general`). Facts count the
    contacts and events up to `facts_at` already, so only later ones are added to them.
    """
    contacts = sorted(interactions, key=lambda contact: (contact.occurred_at, contact.interaction_id))
    stored = {
        **facts,
        "signed_up_at": utc_text(signed_up_at),
        **_of_tickets([one for one in contacts if one.issue not in {None, "general"}], facts, facts_at, now),
        **_of_contacts(contacts),
        **_of_activity(facts, activity),
    }
    return {name: value for name, value in stored.items() if value is not None}


def _of_tickets(
    tickets: Sequence[Interaction], facts: Mapping[str, Any], facts_at: datetime, now: datetime
) -> dict[str, Any]:
    later = [ticket for ticket in tickets if ticket.occurred_at > facts_at]
    recent = [ticket for ticket in later if (now - ticket.occurred_at).days < TICKET_DAYS]
    stored: dict[str, Any] = {
        "tickets_90d": (facts.get("tickets_90d") or 0) + len(recent),
        "tickets_open": (facts.get("tickets_open") or 0)
        + sum(ticket.outcome in UNSETTLED for ticket in later),
    }
    if tickets:
        last = tickets[-1]
        stored |= {
            "tickets_total": len(tickets),
            "last_issue": last.issue,
            "last_issue_outcome": last.outcome,
            "last_issue_at": utc_text(last.occurred_at),
        }
    return stored


def _of_contacts(contacts: Sequence[Interaction]) -> dict[str, Any]:
    if not contacts:
        return {}
    outcomes = [contact.outcome for contact in contacts if contact.outcome is not None]
    waited = [contact.response_seconds for contact in contacts if contact.response_seconds is not None]
    channels = Counter(contact.channel for contact in contacts)
    # Of those used equally often, the one that was used last.
    latest = {contact.channel: number for number, contact in enumerate(contacts)}
    kinds = Counter((contact.channel, contact.issue) for contact in contacts).values()
    return {
        "resolution_rate": round(sum(one not in UNSETTLED for one in outcomes) / len(outcomes), 3)
        if outcomes
        else None,
        "response_seconds": round(math.fsum(waited) / len(waited), 1) if waited else None,
        "usual_channel": max(channels, key=lambda channel: (channels[channel], latest[channel])),
        "contact_diversity": round(1 - sum((count / len(contacts)) ** 2 for count in kinds), 3),
    }


def _of_activity(facts: Mapping[str, Any], activity: Activity) -> dict[str, Any]:
    def counted(fact: str, ever: float | None, later: float) -> float | None:
        """What the shop said and what came later; without the shop's word all events count."""
        said: float | None = facts.get(fact)
        return ever if said is None else said + later

    ever, later = activity.ever, activity.later
    # A window without an order says something only of somebody who has ordered; likewise for signing in.
    ordered, signed_in = activity.last_order_at is not None, activity.last_login_at is not None
    spent = counted("spend_total", ever.spent if ordered else None, later.spent)
    shown = round(100 * (1 - math.exp(-activity.worth_30d / ENGAGED)), 1)
    return {
        "orders_total": counted("orders_total", ever.orders if ordered else None, later.orders),
        "orders_90d": counted("orders_90d", ever.orders_90d if ordered else None, later.orders_90d),
        "spend_total": None if spent is None else round(spent, 2),
        "logins_30d": counted("logins_30d", ever.logins_30d if signed_in else None, later.logins_30d),
        "product_views_7d": counted("product_views_7d", ever.views_7d or None, later.views_7d),
        "last_order_at": _later(facts.get("last_order_at"), activity.last_order_at),
        "last_login_at": _later(facts.get("last_login_at"), activity.last_login_at),
        "engagement": max(facts.get("engagement") or 0.0, shown) or facts.get("engagement"),
    }


def _later(said: str | None, seen: datetime | None) -> str | None:
    moments = [said, utc_text(seen) if seen else None]
    return max((moment for moment in moments if moment is not None), default=None)
