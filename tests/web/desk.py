"""An agent, as the tests play one: through the agents' API only."""

import contextlib
import functools
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import websockets

from tests.web.conftest import Web
from tests.web.talk import Talk
from web.agents import passwords
from web.agents.schemas import StaffRole

PASSWORD = "a password of the tests"
_numbers = itertools.count(1)


@functools.cache
def _hash() -> str:
    return passwords.hashed(PASSWORD)


@dataclass
class Desk:
    """Somebody of the staff who is signed in."""

    http: httpx.AsyncClient
    token: str
    staff_id: str
    name: str

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.http.request(method, f"/api/agent/{path}", headers=headers, **request)

    async def act(self, talk: Talk, act: str, **body: Any) -> httpx.Response:
        return await self.ask("POST", f"conversations/{talk.conversation_id}/{act}", json=body)

    async def listed(self, **filters: Any) -> dict[str, Any]:
        answer = await self.ask("GET", "conversations", params=filters)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def ids(self, **filters: Any) -> list[str]:
        return [found["conversation_id"] for found in (await self.listed(**filters))["conversations"]]

    async def read(self, talk: Talk) -> dict[str, Any]:
        answer = await self.ask("GET", f"conversations/{talk.conversation_id}")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def take(self, talk: Talk) -> dict[str, Any]:
        answer = await self.act(talk, "take", epoch=(await talk.state())["epoch"])
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def say(self, talk: Talk, text: str, client_id: str | None = None) -> httpx.Response:
        return await self.act(talk, "messages", text=text, client_id=client_id or f"a{next(_numbers)}")

    @contextlib.asynccontextmanager
    async def live(self) -> AsyncIterator[websockets.ClientConnection]:
        """The open socket of all conversations, ready."""
        url = f"{self.http.base_url}".replace("http", "ws", 1).rstrip("/") + "/api/agent/live"
        async with websockets.connect(url, proxy=None) as connection:
            await connection.send(json.dumps({"type": "hello", "token": self.token}))
            assert json.loads(await connection.recv())["type"] == "ready"
            yield connection


async def seated(web: Web, name: str, role: StaffRole = "agent") -> Desk:
    """A new account, signed in without a password, which would take its time."""
    staff = web.service.agents.staff
    account = await staff.add(name, name.capitalize(), role, "no password fits")
    session = await staff.begin_session(account.staff_id)
    return Desk(web.http, session.token, str(account.staff_id), name)


async def employ(web: Web, name: str, role: StaffRole = "agent") -> None:
    """A new account with `PASSWORD`."""
    await web.service.agents.staff.add(name, name.capitalize(), role, _hash())


async def sign_in(web: Web, name: str, password: str = PASSWORD) -> httpx.Response:
    return await web.http.post("/api/agent/sessions", json={"name": name, "password": password})
