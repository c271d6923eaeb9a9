"""The live side: what was missed first, then what happens; nobody else's conversation."""

import asyncio
import json
from typing import Any

import pytest
import websockets

from tests.web.conftest import Settings, Web, started
from tests.web.servers import FakeBot, answer_to
from tests.web.talk import begin
from web.chat import socket as chat_socket


async def test_a_socket_brings_what_was_missed_then_what_happens(web: Web) -> None:
    talk = await begin(web.http)
    await talk.say("one")
    async with talk.socket(after=1) as live:
        assert (await live.frame())["type"] == "ready"
        assert [(await live.event())["text"] for _ in range(2)] == ["one", "one!"]
        await talk.say("two")
        assert [(await live.event())["seq"] for _ in range(2)] == [4, 5]


async def test_who_comes_back_gets_each_event_once(web: Web) -> None:
    talk = await begin(web.http)
    seen: list[int] = []
    for number in range(4):
        async with talk.socket(after=seen[-1] if seen else 0) as live:
            posting = asyncio.create_task(talk.say(f"m{number}"))
            while not seen or seen[-1] < 1 + 2 * (number + 1):
                seen.append((await live.event())["seq"])
            await posting
    assert seen == list(range(1, 10))


async def test_typing_is_shown_while_the_bot_works(web: Web, bot: FakeBot) -> None:
    released = asyncio.Event()

    async def held(turn: dict[str, Any]) -> Any:
        await released.wait()
        return answer_to(turn, {"text": "done"})

    bot.on["held"] = held
    talk = await begin(web.http)
    async with talk.socket(after=1) as live:
        posting = asyncio.create_task(talk.post("held"))
        frames = []
        while {"type": "typing", "on": True} not in frames:
            frames.append(await live.frame())
        released.set()
        while {"type": "typing", "on": False} not in frames:
            frames.append(await live.frame())
        await posting
    assert [frame["text"] for frame in frames if "text" in frame] == ["held", "done"]


async def test_events_reach_a_socket_of_another_process(settings: Settings, web: Web) -> None:
    async with started(settings()) as second:
        talk = await begin(web.http)
        there = type(talk)(second.http, talk.conversation_id, talk.token)
        async with there.socket(after=1) as live, asyncio.timeout(10):
            assert (await live.frame())["type"] == "ready"
            await talk.say("hello")
            assert [(await live.event())["text"] for _ in range(2)] == ["hello", "hello!"]


async def _closed(url: str, first: str | bytes | None) -> int:
    async with websockets.connect(url, proxy=None) as connection:
        if first is not None:
            await connection.send(first)
        with pytest.raises(websockets.ConnectionClosed):
            while True:
                await connection.recv()
        return connection.close_code or 0


@pytest.mark.parametrize(
    "first",
    ["", "no json", "[]", '{"type": "hello"}', '{"type": "hello", "token": "x", "after": -1}', b"\xff\x00"],
)
async def test_a_first_frame_that_is_no_hello_closes_the_socket(web: Web, first: str | bytes) -> None:
    talk = await begin(web.http)
    url = f"{web.url.replace('http', 'ws')}{talk.path}/ws"
    assert await _closed(url, first) == chat_socket.HELLO_MISSING


async def test_silence_closes_the_socket(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chat_socket.HELLO_SECONDS == 5
    monkeypatch.setattr(chat_socket, "HELLO_SECONDS", 0.2)
    talk = await begin(web.http)
    assert await _closed(f"{web.url.replace('http', 'ws')}{talk.path}/ws", None) == chat_socket.HELLO_MISSING


async def test_the_token_of_another_conversation_closes_the_socket(web: Web) -> None:
    mine, other = await begin(web.http), await begin(web.http)
    hello = json.dumps({"type": "hello", "token": other.token, "after": 0})
    url = f"{web.url.replace('http', 'ws')}{mine.path}/ws"
    assert await _closed(url, hello) == chat_socket.NOT_ALLOWED


async def test_a_socket_ends_with_its_token(web: Web) -> None:
    talk = await begin(web.http)
    from uuid import UUID  # noqa: PLC0415

    hello = json.dumps(
        {
            "type": "hello",
            "token": web.service.tokens.issue(UUID(talk.conversation_id), lifetime=2).value,
            "after": 0,
        }
    )
    async with asyncio.timeout(10):
        assert await _closed(f"{web.url.replace('http', 'ws')}{talk.path}/ws", hello) == (
            chat_socket.NOT_ALLOWED
        )
