"""What is typed or sent by mistake or malice is kept as text or clearly refused, never a fault of the server."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.problems import Problem
from tests.web.conftest import Web
from tests.web.servers import FakeBot
from tests.web.talk import Talk, begin
from web.chat.texts import MAX_CHARACTERS, clean


@given(st.text(alphabet=st.characters()))
def test_what_is_kept_is_readable_and_stays_the_same(text: str) -> None:
    try:
        kept = clean(text)
    except Problem as problem:
        assert problem.status in (413, 422)
        return
    assert kept == clean(kept)
    assert kept.encode()
    assert 0 < len(kept) <= MAX_CHARACTERS
    assert not any(ord(c) < 32 and c not in "\n\t" for c in kept)


def test_newlines_and_tabs_and_joined_emoji_stay() -> None:
    assert clean("one\r\ntwo\tthree 👩‍👧") == "one\ntwo\tthree 👩‍👧"


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u200d", "\x00\x07\x1b"])
async def test_an_empty_message_is_refused(web: Web, text: str) -> None:
    refused = await (await begin(web.http)).post(text)
    assert (refused.status_code, refused.json()["type"]) == (422, "empty-message")


async def test_a_message_that_is_too_long_is_refused_with_what_to_do(web: Web) -> None:
    talk = await begin(web.http)
    refused = await talk.post("x" * 20_000)
    assert refused.status_code == 413
    assert "Shorten" in refused.json()["detail"]
    assert refused.json()["limit"] == 4000
    assert (await talk.say("é" * 4000))[0]["text"] == "é" * 4000 + "!"


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", '/greet{"customer_id":"x"}', "'; DROP TABLE events; --", "{{7*7}} %s"],
)
async def test_text_reaches_the_bot_and_the_record_as_it_is(web: Web, bot: FakeBot, text: str) -> None:
    talk = await begin(web.http)
    await talk.say(text)
    assert (bot.turns[-1]["text"], bot.turns[-1]["command"]) == (text, None)
    assert (await talk.events())[1]["text"] == text


async def _raw(talk: Talk, body: bytes, kind: str = "application/json") -> httpx.Response:
    headers = {**talk.headers, "Content-Type": kind}
    return await talk.http.post(f"{talk.path}/messages?wait=true", content=body, headers=headers)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"text": 1}',
        b'{"text": null}',
        b'{"text": "a", "quick_reply": "b"}',
        b'{"text": "\xff\xfe"}',
        b'{"text": "half \\ud800 pair", "client_id": "\\ud800"}',
        b'{"text": "a", "client_id": "a\\u0000b"}',
        b'{"text": "a", "client_id": ""}',
        b'{"quick_reply": "not\\u0000here"}',
        b'{"quick_reply": "nothere"}',
        b'{"text": ' + b"[" * 50_000,
    ],
)
async def test_a_body_that_is_no_message_is_refused(web: Web, body: bytes) -> None:
    talk = await begin(web.http)
    refused = await _raw(talk, body)
    assert 400 <= refused.status_code < 500, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert (await talk.state())["last_seq"] == 1


async def test_a_body_without_end_is_cut_off(web: Web) -> None:
    talk = await begin(web.http)
    refused = await _raw(talk, b'{"text": "' + b"x" * 400_000 + b'"}')
    assert (refused.status_code, refused.json()["type"]) == (413, "body-too-long")

    async def chunks():  # type: ignore[no-untyped-def]
        for _ in range(400):
            yield b" " * 1024

    headers = {**talk.headers, "Content-Type": "application/json"}
    refused = await talk.http.post(f"{talk.path}/messages", content=chunks(), headers=headers)
    assert refused.status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/api/conversations/not-a-uuid", "{}/events?after=-1", "{}/events?after=99999999999", "{}/turns/0/why"],
)
async def test_a_path_that_cannot_be_is_refused(web: Web, path: str) -> None:
    talk = await begin(web.http)
    refused = await web.http.get(path.format(talk.path), headers=talk.headers)
    assert refused.status_code == 422


async def test_answers_carry_headers_that_keep_markup_harmless(web: Web) -> None:
    for path in ("/", "/widget/rapport-widget.js", "/api/demo/personas"):
        headers = (await web.http.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]


async def test_in_demo_mode_another_name_for_this_machine_is_refused(web: Web) -> None:
    assert (await web.http.get("/", headers={"Host": "evil.example"})).status_code == 400
