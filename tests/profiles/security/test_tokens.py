"""Tokens: short-lived, signed with a key that they name, and nothing else opens a door."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from profiles.security import tokens as module
from profiles.security.keyring import SWITCH_SECONDS, Key, KeyRing
from profiles.security.tokens import ALGORITHM, AUDIENCE, ISSUER, TOKEN_SECONDS, Tokens

from .conftest import KeysInMemory


def issued(tokens: Tokens) -> str:
    return tokens.issue("web", "service", None)


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = token.split(".")
    return json.loads(base64.urlsafe_b64decode(header + "==")), json.loads(
        base64.urlsafe_b64decode(claims + "==")
    )


def test_a_token_says_who_and_what_and_for_how_long() -> None:
    tokens = Tokens(KeyRing(KeysInMemory()))
    claims = tokens.read(tokens.issue("web", "customer", "C000001"))
    assert claims is not None
    assert (claims.client_id, claims.role, claims.customer_id) == ("web", "customer", "C000001")
    assert 0 < claims.expires_at - time.time() <= TOKEN_SECONDS
    header, _ = parts(issued(tokens))
    assert header == {"alg": "Ed25519", "kid": "1", "typ": "at+jwt"}


def test_an_expired_token_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens(KeyRing(KeysInMemory()))
    token = issued(tokens)
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + TOKEN_SECONDS + 1)
    assert tokens.read(token) is None


def test_after_a_rotation_tokens_of_the_key_before_are_good_until_they_expire() -> None:
    keys = KeysInMemory()
    ring = KeyRing(keys)
    tokens = Tokens(ring)
    before = issued(tokens)
    ring.add()
    assert parts(issued(tokens))[0]["kid"] == "2"
    assert tokens.read(before) is not None
    # Long after: whoever has stolen the older key can't sign with it any more.
    replaced = datetime.now(UTC) - timedelta(seconds=TOKEN_SECONDS + SWITCH_SECONDS + 1)
    keys.keys[2] = Key(2, keys.keys[2].secret, replaced)
    ring.read()
    assert tokens.read(before) is None


def test_an_old_signing_key_is_replaced_of_itself() -> None:
    keys = KeysInMemory()
    keys.keys[1] = Key(1, keys.keys[1].secret, datetime.now(UTC) - timedelta(days=31))
    assert parts(issued(Tokens(KeyRing(keys))))[0]["kid"] == "2"


def test_a_token_of_another_installation_opens_nothing() -> None:
    other = KeysInMemory()
    other.keys[1] = Key(1, b"o" * 32, datetime.now(UTC))
    assert Tokens(KeyRing(KeysInMemory())).read(issued(Tokens(KeyRing(other)))) is None


@pytest.mark.parametrize(
    "changes", [{"role": "admin"}, {"customer_id": "C000002"}, {"exp": 9_999_999_999}, {"sub": "another"}]
)
def test_changed_claims_do_not_hold(changes: dict[str, Any]) -> None:
    tokens = Tokens(KeyRing(KeysInMemory()))
    header, claims, signature = tokens.issue("web", "customer", "C000001").split(".")
    content = {**json.loads(base64.urlsafe_b64decode(claims + "==")), **changes}
    forged = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
    assert tokens.read(f"{header}.{forged}.{signature}") is None


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "HS256", "kid": "1"}, {"alg": ALGORITHM}, {"alg": ALGORITHM, "kid": "9"}],
)
def test_a_token_that_chooses_its_own_check_opens_nothing(header: dict[str, str]) -> None:
    ring = KeyRing(KeysInMemory())
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "web", "role": "admin", "iat": now, "exp": now + 60}
    if header["alg"] == "HS256":
        forged = jwt.encode(header, claims, OctKey.import_key(ring.newest().secret))
    else:
        forged = (
            ".".join(
                base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
                for part in (header, claims)
            )
            + "."
        )
    assert Tokens(ring).read(forged) is None


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_whatever_else_is_sent_is_no_token(one: str, two: str, three: str) -> None:
    assert Tokens(KeyRing(KeysInMemory())).read(f"{one}.{two}.{three}") is None


@given(
    st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "b64"]),
        st.one_of(st.none(), st.integers(), st.text(max_size=8), st.lists(st.text(max_size=3), max_size=2)),
    )
)
def test_no_header_upsets_the_reader(header: dict[str, Any]) -> None:
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    assert Tokens(KeyRing(KeysInMemory())).read(f"{encoded}.e30.AAAA") is None
