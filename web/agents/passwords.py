"""Passwords of staff: argon2id, with the parameters of RFC 9106 for servers with little memory to spare."""

import asyncio
import functools
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12

_hasher = PasswordHasher()


class PasswordTooShort(ValueError):
    """A password needs at least twelve characters."""


def made_up() -> str:
    """A password that nobody guesses: 24 characters."""
    return secrets.token_urlsafe(18)


def hashed(password: str) -> str:
    """What is kept of a password; takes about a tenth of a second.

    Raises:
        PasswordTooShort
    """
    if len(password) < SHORTEST:
        raise PasswordTooShort(f"A password needs at least {SHORTEST} characters.")
    return _hasher.hash(password)


async def is_right(kept: str | None, password: str) -> bool:
    """Whether `password` is the one of which `kept` is the hash. Without a hash it takes as long, and is wrong."""
    return await asyncio.to_thread(_matches, kept, password)


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(kept)


def _matches(kept: str | None, password: str) -> bool:
    try:
        return _hasher.verify(kept or _of_nobody(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def _of_nobody() -> str:
    return _hasher.hash(made_up())
