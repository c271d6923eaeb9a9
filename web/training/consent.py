"""May this customer's messages be used for training? Asked anew at each reading, remembered for a moment."""

import asyncio
import time
from collections.abc import Callable, Iterable
from enum import Enum

from common.logs import get_logger
from profiles.client import ProfilesClient, ProfilesUnavailable, UnknownCustomer

log = get_logger(__name__)

#: How long an answer is remembered, in seconds.
REMEMBERED = 30.0
_AT_ONCE = 16


class Consent(Enum):
    """What is known of a customer's consent to training. Only `GIVEN` lets a message be used."""

    GIVEN = "given"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Consents:
    """Reads consents from the profile service.

    An anonymous visitor has given none. Nor does an old copy of a profile count while the service is away: consent
    may have been withdrawn since.
    """

    def __init__(self, profiles: ProfilesClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._profiles = profiles
        self._clock = clock
        self._remembered: dict[str, tuple[float, Consent]] = {}

    async def of(self, customer_ids: Iterable[str]) -> dict[str, Consent]:
        """The consent of each customer."""
        now = self._clock()
        self._remembered = {
            customer: kept for customer, kept in self._remembered.items() if now - kept[0] < REMEMBERED
        }
        wanted = set(customer_ids)
        limit = asyncio.Semaphore(_AT_ONCE)

        async def ask(customer_id: str) -> None:
            async with limit:
                self._remembered[customer_id] = (now, await self._ask(customer_id))

        await asyncio.gather(*(ask(customer) for customer in wanted - self._remembered.keys()))
        return {customer: self._remembered[customer][1] for customer in wanted}

    async def _ask(self, customer_id: str) -> Consent:
        try:
            view = await self._profiles.view(customer_id, "training")
        except UnknownCustomer:
            return Consent.REFUSED
        except ProfilesUnavailable as error:
            log.warning("consent to training not read", error=error)
            return Consent.UNKNOWN
        if view.source == "stale":
            return Consent.UNKNOWN
        return Consent.GIVEN if view.consent.get("training") is True else Consent.REFUSED
