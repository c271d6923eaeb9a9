"""A client of the public API, as a channel of one's own would write it."""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

#: Seconds. The server answers within 6 s, whatever fails behind it.
ANSWER_LIMIT = 10.0
_LOOK_AGAIN = 0.02


@dataclass(frozen=True)
class Conversation:
    """A conversation and the token that opens it."""

    conversation_id: str
    token: str


class RapportClient:
    """Talks to one conversation server, as many conversations as one likes.

    Raises:
        httpx.HTTPStatusError: when the server refuses a request.
    """

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        self._http = httpx.AsyncClient(base_url=url, timeout=ANSWER_LIMIT, limits=limits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def health(self) -> dict[str, Any]:
        """The state of every service; raises when one is not ready."""
        return await self._json(await self._http.get("/health"))

    async def personas(self) -> list[dict[str, Any]]:
        personas: list[dict[str, Any]] = (await self._json(await self._http.get("/api/demo/personas")))[
            "personas"
        ]
        return personas

    async def open(self, customer_id: str | None) -> Conversation:
        """Begin a conversation as a customer of the demo shop, or as nobody in particular (None)."""
        answer = await self._json(
            await self._http.post(
                "/api/conversations", json={"customer_id": customer_id} if customer_id else {}
            )
        )
        return Conversation(answer["conversation_id"], answer["token"])

    async def greeted(self, conversation: Conversation) -> dict[str, Any]:
        """The message with which the bot begins the conversation by itself, as soon as it is there."""
        async with asyncio.timeout(ANSWER_LIMIT):
            while True:
                for event in await self.events(conversation):
                    if event["type"] == "message":
                        return event
                await asyncio.sleep(_LOOK_AGAIN)

    async def say(self, conversation: Conversation, text: str) -> dict[str, Any]:
        """Send one message and wait for its replies."""
        return await self._post(conversation, {"text": text})

    async def choose(self, conversation: Conversation, quick_reply: str) -> dict[str, Any]:
        """Press a quick reply by its id and wait for the replies."""
        return await self._post(conversation, {"quick_reply": quick_reply})

    async def _post(self, conversation: Conversation, message: dict[str, str]) -> dict[str, Any]:
        answer = await self._http.post(
            f"/api/conversations/{conversation.conversation_id}/messages",
            params={"wait": "true"},
            json={**message, "client_id": str(uuid4())},
            headers=_bearer(conversation),
        )
        return await self._json(answer)

    async def state(self, conversation: Conversation) -> dict[str, Any]:
        """Who owns the conversation, and in which state it is."""
        return await self._json(
            await self._http.get(
                f"/api/conversations/{conversation.conversation_id}", headers=_bearer(conversation)
            )
        )

    async def events(self, conversation: Conversation, after: int = 0) -> list[dict[str, Any]]:
        answer = await self._http.get(
            f"/api/conversations/{conversation.conversation_id}/events",
            params={"after": after},
            headers=_bearer(conversation),
        )
        events: list[dict[str, Any]] = (await self._json(answer))["events"]
        return events

    async def why(self, conversation: Conversation, seq: int) -> dict[str, Any]:
        """The decision record of the turn that message `seq` belongs to."""
        answer = await self._http.get(
            f"/api/conversations/{conversation.conversation_id}/turns/{seq}/why",
            headers=_bearer(conversation),
        )
        return await self._json(answer)

    @staticmethod
    async def _json(answer: httpx.Response) -> dict[str, Any]:
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document


def _bearer(conversation: Conversation) -> dict[str, str]:
    return {"Authorization": f"Bearer {conversation.token}"}
