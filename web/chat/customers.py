"""What the bot is told about the customer when a turn begins."""

from typing import Any, Protocol

from common.logs import get_logger
from profiles.client import ProfilesUnavailable, ProfileView, UnknownCustomer

log = get_logger(__name__)


class Profiles(Protocol):
    """The part of the profile service's client that is needed here."""

    async def view(self, customer_id: str, purpose: str) -> ProfileView: ...


async def customer_of_turn(profiles: Profiles, customer_id: str | None) -> dict[str, Any] | None:
    """Id, profile version and consent; version and consent are null when they can't be known."""
    if customer_id is None:
        return None
    try:
        view = await profiles.view(customer_id, "service")
    except (ProfilesUnavailable, UnknownCustomer) as error:
        log.warning("profile not read for a turn", error=error)
        return {"customer_id": customer_id, "profile_version": None, "consent": None}
    return {"customer_id": customer_id, "profile_version": view.version, "consent": dict(view.consent)}


async def is_known(profiles: Profiles, customer_id: str) -> bool:
    """False only when the profile service says that there is no such customer."""
    try:
        await profiles.view(customer_id, "service")
    except UnknownCustomer:
        return False
    except ProfilesUnavailable as error:
        log.warning("customer taken as known, the profile service is away", error=error)
    return True
