"""The customer's part of the profile service, asked with the key of this room."""

from typing import Any

import httpx

from common.logs import get_logger
from common.problems import Problem

log = get_logger(__name__)

#: Seconds.
PATIENCE = 3.0

#: Refusals that say something to whoever reads the page.
_SAID = frozenset({404, 409, 422})


class Centre:
    """Reads and writes what customers say of themselves.

    Args:
        profiles_url: base URL of the profile service.
        key: of this room; may write.
    """

    def __init__(self, profiles_url: str, key: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=profiles_url,
            headers={
                "Authorization": f"Bearer {key}",
                # For the audit log.
                "Rapport-Actor": "the customer",
                "Rapport-Reason": "preference centre",
            },
            timeout=PATIENCE,
            trust_env=False,  # an inner service is never behind the proxy of the machine
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def page(self, customer_id: str, conversation_id: str | None) -> dict[str, Any]:
        """What the customer allows and likes, and the surveys for them.

        Raises:
            Problem
        """
        query = {} if conversation_id is None else {"conversation_id": conversation_id}
        response = await self._ask("GET", customer_id, "preferences", params=query)
        page: dict[str, Any] = response.json()
        return page

    async def allow(self, customer_id: str, purpose: str, granted: bool) -> None:
        """
        Raises:
            Problem
        """
        await self._ask("PUT", customer_id, f"preferences/consents/{purpose}", json={"granted": granted})

    async def state(self, customer_id: str, attribute: str, value: str | list[str] | None) -> None:
        """
        Raises:
            Problem
        """
        await self._ask("PUT", customer_id, f"preferences/{attribute}", json={"value": value})

    async def answer(
        self, customer_id: str, survey_id: str, answers: dict[str, int | str], conversation_id: str | None
    ) -> None:
        """
        Raises:
            Problem
        """
        body = {"answers": answers, "conversation_id": conversation_id}
        await self._ask("POST", customer_id, f"surveys/{survey_id}/answers", json=body)

    async def _ask(self, method: str, customer_id: str, what: str, **more: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, f"/api/customer/{customer_id}/{what}", **more)
        except httpx.TransportError as error:
            log.warning("preferences not reached", error=error)
            raise _later() from None
        if response.is_success:
            return response
        if response.status_code in _SAID:
            problem = response.json()
            raise Problem(response.status_code, problem["type"], problem["detail"])
        log.warning("preferences refused by the profile service", status=response.status_code)
        raise _later()


def _later() -> Problem:
    detail = "This can't be read or kept just now. Try again in a few seconds."
    return Problem(503, "preferences-unavailable", detail, headers={"Retry-After": "2"})
