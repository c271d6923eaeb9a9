"""A partner's service on this machine: tokens by client credentials, people by the SHA-256 of their address."""

import asyncio
import base64
import hashlib
import time
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

CLIENT_ID, CLIENT_SECRET = "rapport", "a secret of the tests"


def sha256(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()


class LocalPartner:
    """Knows `people` by the hash of their address.

    Attributes:
        failing: how the next answers fail: a status, `slow` or `nonsense`; one each, first to last.
        token_seconds: how long a token lasts.
        asked: bodies of the look-ups that came with a good token.
        tokens: how many were given out.
        retry_after: said with a failing status.
    """

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.failing: list[int | str] = []
        self.failing_tokens: list[int] = []
        self.token_seconds = 600.0
        self.asked: list[dict[str, Any]] = []
        self.tokens = 0
        self.retry_after: str | None = None
        self.at_once = self.most_at_once = 0
        self._valid: dict[str, float] = {}
        self.app = FastAPI()
        self.app.post("/oauth/token")(self._token)
        self.app.post("/v1/people/lookup")(self._lookup)

    def revoke_tokens(self) -> None:
        self._valid.clear()

    async def _token(self, request: Request) -> Response:
        if self.failing_tokens:
            return Response(status_code=self.failing_tokens.pop(0))
        form = await request.form()
        known = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {known}":
            return JSONResponse({"error": "invalid_client"}, 401)
        if form.get("grant_type") != "client_credentials" or form.get("scope") != "people.read":
            return JSONResponse({"error": "invalid_request"}, 400)
        self.tokens += 1
        token = f"token-{self.tokens}"
        self._valid[token] = time.monotonic() + self.token_seconds
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": self.token_seconds})

    async def _lookup(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._valid.get(token, 0.0) < time.monotonic():
            return JSONResponse({"error": "invalid_token"}, 401)
        body = await request.json()
        self.asked.append(body)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self.answer(body["email_sha256"])
        finally:
            self.at_once -= 1

    async def answer(self, email_sha256: str) -> Response:
        """What a look-up is answered with."""
        how = self.failing.pop(0) if self.failing else None
        if how == "slow":
            await asyncio.sleep(30)
        if how == "nonsense":
            return Response(b"<html>Welcome</html>", media_type="text/html")
        if isinstance(how, int):
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            return Response(status_code=how, headers=headers)
        await asyncio.sleep(0)
        person = self.people.get(email_sha256)
        return JSONResponse(person) if person else Response(status_code=404)
