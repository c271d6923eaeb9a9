"""What may be known of the customer in a turn: their profile, with their consent only."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from actions.services import Services
from common.logs import get_logger
from profiles.client import ProfilesUnavailable, Purpose, UnknownCustomer

log = get_logger(__name__)

PURPOSE: Purpose = "personalisation"
_REMEMBERED_TURNS = 512


@dataclass(frozen=True)
class KnownCustomer:
    """What the profile service told of the customer for this turn; `attributes` is empty without consent."""

    customer_id: str
    profile_version: int | None
    consent: dict[str, bool]
    source: str = "none"
    attributes: dict[str, Any] = field(default_factory=dict)


class Profiles:
    """Reads a profile once per turn, however many actions the turn has."""

    def __init__(self) -> None:
        self._of_turn: OrderedDict[str, KnownCustomer] = OrderedDict()

    async def of(self, turn_id: str, customer: dict[str, Any], services: Services) -> KnownCustomer:
        if not turn_id:
            return await _read_profile(customer, services)
        key = f"{turn_id}:{customer['customer_id']}"
        if key not in self._of_turn:
            self._of_turn[key] = await _read_profile(customer, services)
            while len(self._of_turn) > _REMEMBERED_TURNS:
                self._of_turn.popitem(last=False)
        return self._of_turn[key]


async def _read_profile(customer: dict[str, Any], services: Services) -> KnownCustomer:
    known = KnownCustomer(
        customer["customer_id"], customer.get("profile_version"), dict(customer.get("consent") or {})
    )
    if known.consent.get(PURPOSE) is not True:
        return known  # not even asked for: the choice can't depend on it
    try:
        view = await services.profiles.view(known.customer_id, PURPOSE)
    except (ProfilesUnavailable, UnknownCustomer) as error:
        log.warning("profile not read", error=error, customer_id=known.customer_id)
        return known
    # Consent may have been withdrawn after the turn began: the later word counts.
    allowed = view.consent.get(PURPOSE) is True
    return KnownCustomer(
        known.customer_id,
        view.version,
        known.consent | {str(purpose): given for purpose, given in view.consent.items()},
        view.source,
        dict(view.attributes) if allowed else {},
    )
