"""Tokens for clients by OAuth 2 client credentials (RFC 6749, section 4.4), with Authlib.

A service may ask for the scope `customer:ID`: the token is then good for that customer's own record and consent and
nothing else; an export or an erasure takes a client of the customer's own.
"""

import hmac
import json
import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    AuthorizationServer,
    ClientCredentialsGrant,
    ClientMixin,
    InvalidScopeError,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.util import extract_basic_authorization  # type: ignore[import-untyped]

from profiles.keys import Role, key_hash
from profiles.security.clients import KnownClient
from profiles.security.tokens import TOKEN_SECONDS, Tokens

# At its lowest level Authlib logs whole tokens.
logging.getLogger("authlib").setLevel(logging.WARNING)

CUSTOMER_SCOPE = re.compile(r"customer:([A-Za-z0-9_-]{1,64})")
#: Whose tokens may be made out for one customer.
FOR_CUSTOMERS: frozenset[Role] = frozenset({"service"})


class UnreadableRequest(ValueError):
    """The form or the header can't be read."""


class TokenRequest(OAuth2Request):  # type: ignore[misc]
    """A request to the token endpoint.

    Args:
        body: the form.
        headers: of the request, whatever the case of their names; only `Authorization` matters.

    Raises:
        UnreadableRequest
    """

    def __init__(self, body: bytes, headers: Mapping[str, str]) -> None:
        # The service listens on loopback, and what stands before it speaks TLS: Authlib can't know.
        super().__init__("POST", "https://profiles/oauth/token", headers=headers)
        try:
            fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body))
        except ValueError:
            raise UnreadableRequest("The body must be a form.") from None
        if len({name for name, _ in fields}) != len(fields):
            raise UnreadableRequest("A parameter stands there twice.")
        self._form = dict(fields)
        self.payload = BasicOAuth2Payload(self._form)

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the body."""
        return self._form

    def names_client(self) -> str:
        """The id that the client gives itself; "" when it gives none."""
        try:
            named, _ = extract_basic_authorization(self.headers)
        except ValueError:
            raise UnreadableRequest("The Authorization header can't be read.") from None
        return named or self._form.get("client_id", "")


class _Client(ClientMixin):  # type: ignore[misc]
    """A client as Authlib asks about it. One that is not known answers like one whose secret is wrong."""

    def __init__(self, client: KnownClient | None) -> None:
        self.known = client

    def check_client_secret(self, client_secret: str) -> bool:
        expected = self.known.secret_hash if self.known else bytes(32)
        return hmac.compare_digest(key_hash(client_secret), expected)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in _Grant.TOKEN_ENDPOINT_AUTH_METHODS and endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # noqa: RUF012  (Authlib's)

    def validate_requested_scope(self) -> None:
        """A scope other than a service's `customer:ID` is refused."""
        scope = self.request.payload.scope
        if scope and (self.client.known.role not in FOR_CUSTOMERS or not CUSTOMER_SCOPE.fullmatch(scope)):
            raise InvalidScopeError


class _Server(AuthorizationServer):  # type: ignore[misc]
    def __init__(self, client: KnownClient | None, tokens: Tokens) -> None:
        super().__init__()
        self._client = _Client(client)
        self._tokens = tokens
        self.register_grant(_Grant)
        self.register_token_generator("default", self._token)

    def query_client(self, client_id: str) -> _Client:
        return self._client

    def save_token(self, token: Mapping[str, Any], request: OAuth2Request) -> None:
        """A token proves itself; none is kept."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> tuple[int, str, dict[str, str]]:
        content = body if isinstance(body, str) else json.dumps(dict(body))
        return status, content, dict(headers)

    def _token(self, client: _Client, scope: str | None = None, **_: object) -> dict[str, Any]:
        known = client.known
        assert known is not None  # noqa: S101  (its secret was right)
        role, customer_id = known.role, known.customer_id
        if scope and (named := CUSTOMER_SCOPE.fullmatch(scope)):
            role, customer_id = "customer", named[1]
        token = self._tokens.issue(known.client_id, role, customer_id)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        return {**answer, "scope": scope} if scope else answer


def answer(
    request: TokenRequest, client: KnownClient | None, tokens: Tokens
) -> tuple[int, str, dict[str, str]]:
    """Status, JSON and headers of the answer.

    Args:
        request: what was asked.
        client: the client that the request names, unless there is none or it was revoked.
        tokens: makes the token.
    """
    result: tuple[int, str, dict[str, str]] = _Server(client, tokens).create_token_response(request)
    return result


def refusal(detail: str) -> tuple[int, str, dict[str, str]]:
    """The answer to a request that can't be read."""
    return (
        400,
        json.dumps({"error": "invalid_request", "error_description": detail}),
        {"Cache-Control": "no-store"},
    )
