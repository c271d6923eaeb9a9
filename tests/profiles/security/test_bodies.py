"""Who may not call costs nothing: a body is read for callers who are admitted, and for nobody else."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from profiles.security.limits import Limit, load_limits
from profiles.store import Store
from tests.profiles.conftest import key, record, unserved_app
from tests.profiles.security.test_policy import OPEN

PATHS = {
    (path, method.upper())
    for path, methods in unserved_app().openapi()["paths"].items()
    for method, route in methods.items()
    if "requestBody" in route
} - OPEN
JSON = {"Content-Type": "application/json"}


class Body:
    """Nearly a megabyte of what is no JSON."""

    def __init__(self) -> None:
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(15):
            self.read += 1
            yield b"[" * 64 * 1024


def url_of(path: str) -> str:
    return re.sub(r"\{.*?\}", "1", path.replace("{purpose}", "marketing"))


@pytest.mark.parametrize(("path", "method"), sorted(PATHS))
async def test_nothing_is_read_of_whom_nobody_knows_or_who_may_not(
    api: httpx.AsyncClient, path: str, method: str
) -> None:
    # No role may call all of them, and agents none that has a body.
    for headers, status in (({}, 401), ({"Authorization": "Bearer no-key"}, 401), (key("agent"), 403)):
        body = Body()
        answer = await api.request(method, url_of(path), content=body, headers=JSON | headers)
        assert (answer.status_code, body.read) == (status, 0)


@pytest.mark.parametrize("path", ["/api/lookup", "/v1/batch"])
async def test_nothing_is_read_of_who_calls_too_often(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    limits = load_limits().model_copy(update={"callers": {"writeer": Limit(per_second=0.001, burst=1)}})
    transport = api._transport
    assert isinstance(transport, httpx.ASGITransport)
    monkeypatch.setattr(transport.app.state.access, "limits", limits)  # type: ignore[attr-defined]
    bodies = [Body(), Body()]
    answers = [await api.post(path, content=body, headers=JSON | key("write")) for body in bodies]
    assert [answer.status_code for answer in answers] == [413 if path == "/v1/batch" else 400, 429]
    assert bodies[0].read > 0
    assert bodies[1].read == 0


async def test_a_request_with_a_body_counts_once(
    api: httpx.AsyncClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = load_limits().model_copy(update={"callers": {"writeer": Limit(per_second=0.001, burst=5)}})
    transport = api._transport
    assert isinstance(transport, httpx.ASGITransport)
    monkeypatch.setattr(transport.app.state.access, "limits", limits)  # type: ignore[attr-defined]
    body = record().model_dump(mode="json")
    answer = await api.put("/api/customer/C000001", json=body, headers=key("write"))
    assert answer.status_code == 200
    assert answer.headers["RateLimit"].split(";")[1] == "r=4"
