"""Bodies of requests, bounded while they come in and while they are unpacked."""

import zlib

from fastapi import Request
from starlette.requests import ClientDisconnect

from common.problems import Problem

_GZIP = zlib.MAX_WBITS | 16


async def read_body(request: Request, limit: int) -> bytes:
    """The body, unpacked if it comes as gzip.

    Raises:
        Problem: 413 when it has more than `limit` bytes, 400 when it breaks off or can't be unpacked, 415 for other
            encodings.
    """
    received = bytearray()
    try:
        async for chunk in request.stream():
            received += chunk
            if len(received) > limit:
                raise too_long(limit)
    except ClientDisconnect:
        raise Problem(400, "broken-off", "The body broke off.") from None
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        return bytes(received)
    if encoding != "gzip":
        raise Problem(415, "unknown-encoding", "Send the body as it is, or as gzip.")
    unpacking = zlib.decompressobj(_GZIP)
    try:
        body = unpacking.decompress(bytes(received), limit + 1)
    except zlib.error:
        raise Problem(400, "not-gzip", "The body is said to be gzip, but can't be unpacked.") from None
    if len(body) > limit:
        raise too_long(limit)
    if not unpacking.eof:
        raise Problem(400, "not-gzip", "The packed body breaks off.")
    return body


def too_long(limit: int) -> Problem:
    return Problem(413, "too-long", f"This may have up to {limit // 1024} KB.")
