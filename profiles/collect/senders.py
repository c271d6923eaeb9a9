"""Who posts events: a write key as the user name of HTTP Basic, as Segment's libraries send it, or as Bearer."""

import base64
import binascii

from fastapi import Request

from common.auth import bearer
from common.problems import Problem
from profiles.api_access import admit
from profiles.keys import Caller


def write_key(request: Request) -> str:
    """The key of a request; a password beside it means nothing.

    Raises:
        Problem: 401 when there is none.
    """
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return bearer(request)
    try:
        user, _, _ = base64.b64decode(sent.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = ""
    if not user:
        raise Problem(
            401,
            "no-key",
            "Send the write key as the user name of HTTP Basic, or as Bearer.",
            headers={"WWW-Authenticate": 'Basic realm="events"'},
        )
    return user


async def sender_of(request: Request) -> Caller:
    """Who posts.

    Raises:
        Problem: 401 for a key that nobody has, 403 for one that may not post, 429 when it posts too often.
    """
    return await admit(request, write_key(request))
