"""What the bot is told about the customer when a turn begins."""

import re
from dataclasses import dataclass
from typing import Any

from common.logs import get_logger
from profiles.client import ProfilesClient, ProfilesUnavailable, UnknownCustomer

log = get_logger(__name__)

_CUSTOMER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Customer:
    """The customer of a turn. Version, consent and first name are null when they can't be known."""

    customer_id: str
    profile_version: int | None = None
    consent: dict[str, bool] | None = None
    first_name: str | None = None

    def for_bot(self) -> dict[str, Any]:
        """As docs/contracts.md has it."""
        return {
            "customer_id": self.customer_id,
            "profile_version": self.profile_version,
            "consent": self.consent,
        }


async def customer_of_turn(profiles: ProfilesClient, customer_id: str | None) -> Customer | None:
    """Who speaks; null for an anonymous visitor."""
    if customer_id is None:
        return None
    try:
        view = await profiles.view(customer_id, "service")
    except (ProfilesUnavailable, UnknownCustomer) as error:
        log.warning("profile not read for a turn", error=error)
        return Customer(customer_id)
    first_name = view.attributes.get("first_name")
    return Customer(
        customer_id,
        view.version,
        {str(purpose): given for purpose, given in view.consent.items()},
        first_name,
    )


async def segment_of(profiles: ProfilesClient, customer: Customer | None) -> tuple[str | None, bool]:
    """The customer's segment, read only with consent to personalisation, and whether that could be found out."""
    if customer is None:
        return None, True
    if customer.consent is None:
        return None, False
    if not customer.consent.get("personalisation"):
        return None, True
    try:
        view = await profiles.view(customer.customer_id, "personalisation")
    except (ProfilesUnavailable, UnknownCustomer) as error:
        log.warning("segment not read for a turn", error=error)
        return None, False
    return view.attributes.get("segment"), True


async def is_known(profiles: ProfilesClient, customer_id: str) -> bool:
    """False when the id can be nobody's, or the profile service says that there is no such customer."""
    if not _CUSTOMER_ID.fullmatch(customer_id):
        return False
    try:
        await profiles.view(customer_id, "service")
    except UnknownCustomer:
        return False
    except ProfilesUnavailable as error:
        log.warning("customer taken as known, the profile service is away", error=error)
    return True
