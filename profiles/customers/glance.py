"""A customer at a glance, for an agent who has seconds (mission 38)."""

from typing import Any

from pydantic import AwareDatetime, BaseModel

from profiles.customers.contacts import ContactPage
from profiles.customers.needs import ExpectedNeed, Rule, expected_needs
from profiles.protocol import CustomerView, Interaction, Issue, Outcome, Purpose

#: So many of the newest contacts are shown.
RECENT = 5


class RecentIssue(BaseModel):
    """One of the newest contacts in a line."""

    at: AwareDatetime
    channel: str
    issue: Issue | None
    outcome: Outcome | None
    subject: str | None


class AtAGlance(BaseModel):
    """What an agent needs before the first word.

    Attributes:
        personalised: whether the customer agreed to personalisation; if not, segment, tier and all that follows
            from behaviour are left out.
        usual_channel: the one used most; `preferred_channel` is the one that the customer asked for.
        needs: what the customer most likely wants now.
    """

    customer_id: str
    version: int
    first_name: str | None
    personalised: bool
    consent: dict[Purpose, bool]
    tier: str | None
    segment: str | None
    preferred_channel: str | None
    usual_channel: str | None
    engagement: float | None
    days_since_order: int | None
    tickets_open: int
    recent_issues: list[RecentIssue]
    needs: list[ExpectedNeed]


def at_a_glance(
    service: CustomerView, personal: CustomerView, contacts: ContactPage, rules: tuple[Rule, ...]
) -> AtAGlance:
    """Put together what the two purposes may see; nothing personal without the customer's consent to it."""
    known: dict[str, Any] = {**service.attributes, **personal.attributes}
    return AtAGlance(
        customer_id=service.customer_id,
        version=service.version,
        first_name=known.get("first_name"),
        personalised=personal.consent["personalisation"],
        consent=service.consent,
        tier=known.get("tier"),
        segment=known.get("segment"),
        preferred_channel=known.get("preferred_channel"),
        usual_channel=known.get("usual_channel"),
        engagement=known.get("engagement"),
        days_since_order=known.get("days_since_order"),
        tickets_open=int(known.get("tickets_open", 0)),
        recent_issues=[_in_a_line(contact) for contact in contacts.contacts],
        needs=expected_needs(rules, known),
    )


def _in_a_line(contact: Interaction) -> RecentIssue:
    subject = contact.summary.get("subject")
    return RecentIssue(
        at=contact.occurred_at,
        channel=contact.channel,
        issue=contact.issue,
        outcome=contact.outcome,
        subject=subject if isinstance(subject, str) else None,
    )
