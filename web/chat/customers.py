"""What the bot is told about the customer when a turn begins."""

import re
from typing import Any

from common.logs import get_logger
from profiles.client import ProfilesClient, ProfilesUnavailable, UnknownCustomer

log = get_logger(__name__)

_CUSTOMER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


async def customer_of_turn(profiles: ProfilesClient, customer_id: str | None) -> dict[str, Any] | None:
    """Id, profile version and consent; version and consent are null when they can't be known."""
    if customer_id is None:
        return None
    try:
        view = await profiles.view(customer_id, "service")
    except (ProfilesUnavailable, UnknownCustomer) as error:
        log.warning("profile not read for a turn", error=error)
        return {"customer_id": customer_id, "profile_version": None, "consent": None}
    return {"customer_id": customer_id, "profile_version": view.version, "consent": dict(view.consent)}


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
