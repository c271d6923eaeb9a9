"""The agents' API of the conversation server (docs/contracts.md, Agents), for one person who is signed in."""

from typing import Any, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from web.agents.schemas import (
    CloseOutcome,
    ConversationDetail,
    ConversationList,
    CustomerPanel,
    Me,
    Session,
    TranscriptEvent,
)

#: Seconds until an answer must be there; the server itself waits at most 5 s for the database.
_TIMEOUT = httpx.Timeout(8.0, connect=2.0)
M = TypeVar("M", bound=BaseModel)


class ApiError(Exception):
    """The API did not do what was asked; the text is for people."""


class ServerAway(ApiError):
    """The conversation server can't be reached, is too slow, or failed."""


class SessionEnded(ApiError):
    """The session has expired, was ended, or is not known."""


class Refused(ApiError):
    """The server understood and refused. `kind` is the problem's type, such as `owned-by-another`."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


def connect(web_url: str) -> httpx.AsyncClient:
    """The HTTP client that all sessions share."""
    return httpx.AsyncClient(base_url=f"{web_url}/api/agent", timeout=_TIMEOUT, trust_env=False)


async def sign_in(http: httpx.AsyncClient, name: str, password: str) -> Session:
    """
    Raises:
        Refused: kind `sign-in-failed` for a wrong name or password, 429 after too many tries.
        ServerAway
    """
    answer = await _ask(http, "POST", "/sessions", None, json={"name": name, "password": password})
    return _read(Session, answer)


class AgentApi:
    """Every call raises `ApiError`: `SessionEnded`, `Refused` or `ServerAway`."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self._http = http
        self._token = token

    async def me(self) -> Me:
        return _read(Me, await self._call("GET", "/me"))

    async def sign_out(self) -> None:
        await self._call("DELETE", "/sessions/current")

    async def conversations(self, filters: dict[str, str], cursor: str | None = None) -> ConversationList:
        asked = {name: value for name, value in filters.items() if value}
        if cursor:
            asked["cursor"] = cursor
        return _read(ConversationList, await self._call("GET", "/conversations", params=asked))

    async def conversation(self, conversation_id: UUID) -> ConversationDetail:
        return _read(ConversationDetail, await self._call("GET", f"/conversations/{conversation_id}"))

    async def customer(self, conversation_id: UUID) -> CustomerPanel | None:
        """Who the customer is; None for an anonymous visitor."""
        try:
            answer = await self._call("GET", f"/conversations/{conversation_id}/customer")
        except Refused as refused:
            if refused.kind == "anonymous":
                return None
            raise
        return _read(CustomerPanel, answer)

    async def take(self, conversation_id: UUID, epoch: int) -> ConversationDetail:
        """`epoch` as it was seen; what has changed since is refused (409)."""
        answer = await self._call("POST", f"/conversations/{conversation_id}/take", json={"epoch": epoch})
        return _read(ConversationDetail, answer)

    async def send(self, conversation_id: UUID, text: str, client_id: str) -> TranscriptEvent:
        """Answer the customer. The same `client_id` again is the same message."""
        body = {"text": text, "client_id": client_id}
        answer = await self._call("POST", f"/conversations/{conversation_id}/messages", json=body)
        return _read(TranscriptEvent, answer)

    async def note(self, conversation_id: UUID, text: str) -> None:
        await self._call("POST", f"/conversations/{conversation_id}/notes", json={"text": text})

    async def hand_back(self, conversation_id: UUID) -> None:
        await self._call("POST", f"/conversations/{conversation_id}/hand-back", json={})

    async def close(self, conversation_id: UUID, outcome: CloseOutcome, note: str) -> None:
        body = {"outcome": outcome, "note": note or None}
        await self._call("POST", f"/conversations/{conversation_id}/close", json=body)

    async def mark(self, conversation_id: UUID, seq: int, intent: str, comment: str) -> None:
        body = {"seq": seq, "intent": intent or None, "comment": comment or None}
        await self._call("POST", f"/conversations/{conversation_id}/marks", json=body)

    async def unmark(self, conversation_id: UUID, seq: int) -> None:
        await self._call("DELETE", f"/conversations/{conversation_id}/marks/{seq}")

    async def _call(self, method: str, path: str, **more: Any) -> httpx.Response:
        return await _ask(self._http, method, path, self._token, **more)


async def _ask(
    http: httpx.AsyncClient, method: str, path: str, token: str | None, **more: Any
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = await http.request(method, path, headers=headers, **more)
    except httpx.TimeoutException:
        raise ServerAway("The conversation server is too slow just now. Try again in a moment.") from None
    except httpx.HTTPError:
        raise ServerAway(
            "The conversation server can't be reached. Try again; `make status` says how it is."
        ) from None
    if answer.is_success:
        return answer
    kind, detail = _problem(answer)
    if answer.status_code == 401 and token is not None:
        raise SessionEnded("Your session has ended. Sign in again.")
    if answer.status_code >= 500:
        raise ServerAway(detail or "Something failed on the conversation server. Try again in a moment.")
    raise Refused(kind, detail or f"The server refused this ({answer.status_code}).")


def _problem(answer: httpx.Response) -> tuple[str, str]:
    """The type and the detail of a problem document; empty when the answer is none."""
    try:
        document = answer.json()
        return str(document["type"]), str(document["detail"])
    except (ValueError, KeyError, TypeError):
        return "", ""


def _read(model: type[M], answer: httpx.Response) -> M:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError:
        raise ServerAway(
            "The conversation server gave an answer that this console does not understand. Are both of the same version?"
        ) from None
