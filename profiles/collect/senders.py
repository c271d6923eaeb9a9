"""Who posts events: a write key as the user name of HTTP Basic, as Segment's libraries send it, or as Bearer."""

import base64
import binascii
from typing import Annotated

from fastapi import Depends, Request

from common.auth import bearer
from common.problems import Problem
from profiles.api_access import store_of
from profiles.keys import Caller, caller_of


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
        Problem: 401 for a key that nobody has, 403 for one that may not post.
    """
    caller = await caller_of(store_of(request).engine, write_key(request))
    if caller is None:
        raise Problem(
            401,
            "wrong-key",
            "This key is not known here.",
            headers={"WWW-Authenticate": 'Basic realm="events"'},
        )
    if caller.role != "write":
        raise Problem(403, "not-allowed", f"This needs a key that may post events, not one of {caller.role}.")
    return caller


Sender = Annotated[Caller, Depends(sender_of)]
