"""Bodies are bounded while they come in."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import Request

from common.problems import Problem
from profiles.collect.bodies import read_body


def request(*chunks: bytes, whole: bool = True) -> tuple[Request, list[int]]:
    """A request with this body, and how much of it was asked for so far."""
    asked: list[int] = []
    messages: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        + [{"type": "http.request", "body": b""} if whole else {"type": "http.disconnect"}]
    )

    async def receive() -> dict[str, Any]:
        message = next(messages)
        asked.append(len(message.get("body", b"")))
        return message

    return Request({"type": "http", "headers": []}, receive), asked


async def test_a_body_is_put_together() -> None:
    asking, _ = request(b"a" * 600, b"b" * 400)
    assert await read_body(asking, 1000) == b"a" * 600 + b"b" * 400


async def test_no_more_is_taken_in_than_is_allowed() -> None:
    asking, asked = request(*[b"x" * 400] * 100)
    with pytest.raises(Problem) as refused:
        await read_body(asking, 1000)
    assert refused.value.status == 413
    assert sum(asked) == 1200


async def test_a_sender_that_goes_away_has_sent_nothing() -> None:
    asking, _ = request(b'{"batch": [', whole=False)
    with pytest.raises(Problem) as refused:
        await read_body(asking, 1000)
    assert (refused.value.status, refused.value.kind) == (400, "broken-off")
