"""A customer, as the tests play one: through the public API only."""

import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import websockets

_numbers = itertools.count(1)


@dataclass
class Talk:
    """One conversation and the token that opens it."""

    http: httpx.AsyncClient
    conversation_id: str
    token: str
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.path = f"/api/conversations/{self.conversation_id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, text: str, *, wait: bool = True, client_id: str | None = None) -> httpx.Response:
        body = {"text": text, "client_id": client_id or f"m{next(_numbers)}"}
        return await self.http.post(
            f"{self.path}/messages", params={"wait": str(wait).lower()}, json=body, headers=self.headers
        )

    async def say(self, text: str) -> list[dict[str, Any]]:
        """The replies to `text`."""
        answer = await self.post(text)
        assert answer.status_code == 200, answer.text
        replies: list[dict[str, Any]] = answer.json()["replies"]
        return replies

    async def press(self, quick_reply: str) -> httpx.Response:
        body = {"quick_reply": quick_reply, "client_id": f"m{next(_numbers)}"}
        return await self.http.post(f"{self.path}/messages?wait=true", json=body, headers=self.headers)

    async def state(self) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.http.get(self.path, headers=self.headers)).json()
        return answer

    async def events(self, after: int = 0) -> list[dict[str, Any]]:
        answer = await self.http.get(f"{self.path}/events", params={"after": after}, headers=self.headers)
        assert answer.status_code == 200, answer.text
        events: list[dict[str, Any]] = answer.json()["events"]
        return events

    async def why(self, seq: int) -> dict[str, Any]:
        answer = await self.http.get(f"{self.path}/turns/{seq}/why", headers=self.headers)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    @contextlib.asynccontextmanager
    async def socket(self, after: int = 0) -> AsyncIterator["Live"]:
        url = f"{self.http.base_url}".replace("http", "ws", 1).rstrip("/") + f"{self.path}/ws"
        async with websockets.connect(url, proxy=None) as connection:
            await connection.send(json.dumps({"type": "hello", "token": self.token, "after": after}))
            yield Live(connection)


@dataclass
class Live:
    """The frames of an open socket."""

    connection: websockets.ClientConnection

    async def frame(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.connection.recv())
        return frame

    async def event(self) -> dict[str, Any]:
        """The next stored event; passing frames are passed over."""
        while True:
            frame = await self.frame()
            if "seq" in frame:
                return frame


async def begin(http: httpx.AsyncClient, customer_id: str | None = None, *, greeted: bool = True) -> Talk:
    """A new conversation, whose greeting has come, or with `greeted=False` is still under way."""
    body = {"customer_id": customer_id} if customer_id else {}
    answer = await http.post("/api/conversations", json=body)
    assert answer.status_code == 201, answer.text
    talk = Talk(http, answer.json()["conversation_id"], answer.json()["token"])
    if greeted:
        async with talk.socket() as live:
            assert (await live.event())["role"] in ("bot", "system")
    return talk
