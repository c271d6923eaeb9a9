"""Calls to the actions service over kept connections, within the time that the turn has left."""

import json
from typing import Any

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig, concat_url

from bot import turn as turns

#: Status with which the action server says that a form rejects the message: no failure.
REJECTED = 400


class KeepAliveEndpoint(EndpointConfig):
    """Rasa's endpoint with one HTTP session for the process.

    Rasa's own opens a session, and so a connection, for each call, and waits five minutes for the answer.

    Args:
        config: the endpoint as configured.
        seconds: time limit of one call.
    """

    def __init__(self, config: EndpointConfig, seconds: float) -> None:
        super().__init__(
            config.url, config.params, config.headers, config.basic_auth, config.token, config.token_name,
            config.cafile, **config.kwargs,
        )  # fmt: skip
        self.type = config.type
        self.seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Send a request with a JSON body and return the JSON answer.

        Raises:
            aiohttp.ClientError: no answer in time, or none that is JSON.
            ClientResponseError: an answer with a status of 400 or more.
        """
        turn = turns.current()
        limit = min(self.seconds, turn.seconds_left) if turn else self.seconds
        try:
            async with self._open_session().request(
                method,
                concat_url(self.url, subpath),
                data=json.dumps(kwargs.get("json")).encode(),
                headers={"Content-Type": content_type or "application/json"},
                params=self.combine_parameters(kwargs),
                compress=compress or None,
                timeout=aiohttp.ClientTimeout(total=limit),
            ) as response:
                body = await response.read()
                if response.status >= 400:
                    raise ClientResponseError(
                        response.status, response.reason or "", body.decode(errors="replace")
                    )
                return json.loads(body)
        except TimeoutError as error:
            raise aiohttp.ServerTimeoutError(f"no answer within {limit:.1f} s") from error
        except json.JSONDecodeError as error:
            raise aiohttp.ClientPayloadError("the answer is no JSON") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(headers=self.headers)
        return self._session


class ActionEndpoint(KeepAliveEndpoint):
    """The endpoint of custom actions. A call that fails is told to the turn, which Rasa carries on without it."""

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        action = (kwargs.get("json") or {}).get("next_action", "")
        try:
            with turns.measured("actions"):
                return await super().request(*args, **kwargs)
        except aiohttp.ClientError as error:
            turn = turns.current()
            if turn is not None and getattr(error, "status", None) != REJECTED:
                turn.failures.append(f"{action}: not run ({type(error).__name__})")
            raise
