"""The customer beside a conversation: from the profile service and the shop, each of which may be away."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from common.logs import get_logger
from web.agents import words
from web.agents.schemas import Attribute, CustomerPanel, Part, PastIssue
from web.agents.segments import why

log = get_logger(__name__)

#: How long a look waits for each service, in seconds.
PATIENCE = 2.0

#: Shown elsewhere in the panel.
_NOT_ATTRIBUTES = frozenset({"first_name", "segment", "segments", "tier"})


class CustomerSources:
    """Where the panel comes from. What has no address or key is unavailable.

    Args:
        profiles_url, profiles_key: the profile service, with a key of the role `agent`.
        shop_url, shop_key: the shop's order API.
        segments: the file that defines segments.
    """

    def __init__(
        self,
        profiles_url: str,
        profiles_key: str | None,
        shop_url: str | None,
        shop_key: str | None,
        segments: Path,
    ) -> None:
        self._http = httpx.AsyncClient(timeout=PATIENCE, trust_env=False)
        self._profiles = (profiles_url, profiles_key)
        self._shop = (shop_url, shop_key)
        self._segments = segments

    async def close(self) -> None:
        await self._http.aclose()

    async def panel(self, customer_id: str, actor: str, reason: str) -> CustomerPanel:
        """All that can be read now. The profile service writes down who (`actor`) reads, and why."""
        # A header holds ASCII; the reason as it was given is in our own log.
        headers = {"Rapport-Actor": actor, "Rapport-Reason": reason.encode("ascii", "replace").decode()}
        path = f"/api/customer/{customer_id}"
        details, view, orders = await asyncio.gather(
            self._ask(self._profiles, f"{path}/details", headers),
            self._view(path, headers),
            self._ask(self._shop, "/orders", params={"customer_id": customer_id}),
        )
        found: dict[Part, Any] = {"details": details, "profile": view, "orders": orders}
        attributes = view["attributes"] if view else {}
        segment = attributes.get("segment")
        return CustomerPanel(
            customer_id=customer_id,
            name=_full_name(details),
            email=details.get("email") if details else None,
            phone=details.get("phone") if details else None,
            segment=segment,
            segment_why=await asyncio.to_thread(why, self._segments, segment, attributes) if segment else [],
            tier=attributes.get("tier"),
            attributes=_attributes(attributes) if view else None,
            orders=orders["orders"] if orders else None,
            past_issues=_past_issues(details) if details else None,
            consent=view["consent"] if view else None,
            unavailable=[part for part, content in found.items() if content is None],
        )

    async def _view(self, path: str, headers: dict[str, str]) -> dict[str, Any] | None:
        """What consent allows: as for personalisation, else what service needs."""
        view = await self._ask(self._profiles, path, headers, params={"purpose": "personalisation"})
        if view is not None and not view["consent"].get("personalisation"):
            return await self._ask(self._profiles, path, headers, params={"purpose": "service"})
        return view

    async def _ask(
        self,
        service: tuple[str | None, str | None],
        path: str,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> dict[str, Any] | None:
        url, key = service
        if url is None or key is None:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                response = await self._http.get(
                    f"{url}{path}",
                    headers={**(headers or {}), "Authorization": f"Bearer {key}"},
                    params=params,
                )
            content = response.raise_for_status().json()
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            log.warning("a part of the customer panel is missing", part=path.rsplit("/", 1)[-1], error=error)
            return None
        return content if isinstance(content, dict) else None


def _full_name(details: dict[str, Any] | None) -> str | None:
    if details is None:
        return None
    return " ".join(part for part in (details.get("first_name"), details.get("last_name")) if part) or None


def _attributes(known: dict[str, Any]) -> list[Attribute]:
    return [
        Attribute(name=name, label=words.attribute(name).capitalize(), value=words.value(name, value))
        for name, value in sorted(known.items())
        if name not in _NOT_ATTRIBUTES and value is not None
    ]


def _past_issues(details: dict[str, Any]) -> list[PastIssue]:
    return [
        PastIssue(
            at=contact["occurred_at"],
            channel=contact["channel"],
            issue=contact.get("issue"),
            outcome=contact.get("outcome"),
            subject=(contact.get("summary") or {}).get("subject"),
            conversation_id=contact.get("conversation_id"),
        )
        for contact in details.get("interactions", [])
    ]
