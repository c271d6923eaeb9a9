"""Events of browsers on their way to the profile service, whose key no browser has."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from common.logs import get_logger
from common.problems import Problem
from web.collect.messages import BadEvent, BrowserEvent

log = get_logger(__name__)

#: The service hands a batch to its stream in a few milliseconds. Seconds.
PATIENCE = 5.0


@dataclass(frozen=True)
class Forwarded:
    """How many events the profile service has, and which it refused."""

    accepted: int
    bad: list[BadEvent]


class Relay:
    """Posts to `/v1/batch` of the profile service with the key of this room."""

    def __init__(self, profiles_url: str, key: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=profiles_url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=PATIENCE,
            trust_env=False,  # an inner service is never behind the proxy of the machine
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def forward(
        self, events: dict[int, BrowserEvent], customer_id: str | None, sent_at: datetime | None
    ) -> Forwarded:
        """Hand over these events (by their place in the browser's batch) as those of this customer.

        Raises:
            Problem: 503 or 429 with Retry-After when they should come again.
        """
        # Without a customer there is nobody to be identified as.
        places = [place for place, event in events.items() if customer_id or event.type != "identify"]
        if not places:
            return Forwarded(len(events), [])
        body: dict[str, Any] = {"batch": [_message(events[place], customer_id) for place in places]}
        if sent_at is not None:
            body["sentAt"] = sent_at.isoformat()
        try:
            response = await self._http.post("/v1/batch", json=body)
        except httpx.TransportError as error:
            log.warning("events not forwarded", error=error)
            raise _later("2") from None
        if response.status_code in (400, 413, 422):
            return self._refused(events, places, response.json())
        if not response.is_success:
            log.warning("events not taken by the profile service", status=response.status_code)
            raise _later(response.headers.get("Retry-After", "5"))
        return Forwarded(len(events), [])

    @staticmethod
    def _refused(events: dict[int, BrowserEvent], places: list[int], problem: dict[str, Any]) -> Forwarded:
        # A refusal of the whole names no event; it would be the same the next time.
        named = problem.get("errors") or [
            {"index": index, "detail": problem["detail"]} for index in range(len(places))
        ]
        bad = [BadEvent(index=places[item["index"]], detail=item["detail"]) for item in named]
        return Forwarded(len(events) - len(bad), bad)


def _message(event: BrowserEvent, customer_id: str | None) -> dict[str, Any]:
    message = event.model_dump(mode="json", by_alias=True, exclude_none=True)
    return message if customer_id is None else {**message, "userId": customer_id}


def _later(seconds: str) -> Problem:
    detail = "The events could not be kept just now. Send them again in a few seconds."
    return Problem(503, "events-unavailable", detail, headers={"Retry-After": seconds})
