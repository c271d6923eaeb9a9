"""Whatever fails behind the server, the customer gets an answer or a clear refusal in time; nothing is lost."""

import asyncio
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi.responses import Response
from redis.asyncio import Redis

from ops.postgres import Postgres
from ops.redis_server import RedisServer
from tests.web.conftest import Settings, Web, started
from tests.web.servers import FakeBot, FakeProfiles, answer_to, free_port, served
from tests.web.talk import Talk, begin
from web.chat import turns
from web.chat.tables import metadata


async def _fallback(talk: Talk, text: str, kind: str) -> dict[str, Any]:
    began = time.monotonic()
    (reply,) = await talk.say(text)
    assert time.monotonic() - began < 6
    assert (reply["role"], reply["kind"]) == ("system", kind)
    assert "saved" in reply["text"]
    return reply


async def test_a_slow_bot_is_not_waited_for_and_speaks_no_more(web: Web, bot: FakeBot) -> None:
    async def slow(turn: dict[str, Any]) -> Any:
        await asyncio.sleep(6)
        return answer_to(turn, {"text": "too late"})

    bot.on["slow"] = slow
    talk = await begin(web.http)
    await _fallback(talk, "slow", "bot_late")
    state = await talk.state()
    assert (state["owner"], state["attention"], state["epoch"]) == ("queued", "bot_late", 2)
    assert (await talk.say("still there?"))[0]["text"] == "still there?!"
    assert "too late" not in [event.get("text") for event in await talk.events()]


async def test_messages_behind_a_slow_turn_are_answered_in_time_too(web: Web, bot: FakeBot) -> None:
    async def slow(_turn: dict[str, Any]) -> Any:
        await asyncio.sleep(30)

    bot.on["slow"] = slow
    talk = await begin(web.http)
    began = time.monotonic()
    first, second = await asyncio.gather(talk.post("slow"), talk.post("slow"))
    assert time.monotonic() - began < 6
    assert {a.json()["replies"][0]["kind"] for a in (first, second)} == {"bot_late"}


async def test_a_bot_that_is_down_is_spoken_for(settings: Settings) -> None:
    async with started(settings(bot_url=f"http://127.0.0.1:{free_port()}")) as web:
        talk = await begin(web.http)
        await _fallback(talk, "hello", "bot_unavailable")


async def test_a_bot_that_starts_meanwhile_is_asked_once_more(web: Web, bot: FakeBot) -> None:
    async def starting(turn: dict[str, Any]) -> Any:
        if len([asked for asked in bot.turns if asked["text"] == "early"]) == 1:
            return Response(status_code=503)
        return answer_to(turn, {"text": "awake"})

    bot.on["early"] = starting
    talk = await begin(web.http)
    assert (await talk.say("early"))[0]["text"] == "awake"
    early = [turn["turn_id"] for turn in bot.turns if turn["text"] == "early"]
    assert len(early) == 2
    assert len(set(early)) == 1


@pytest.mark.parametrize(
    "answer",
    [Response(status_code=500), Response("no json"), Response("[]"), Response('{"turn_id": "x"}')],
    ids=["error", "no json", "no object", "other turn"],
)
async def test_an_answer_that_cannot_be_read_is_none(web: Web, bot: FakeBot, answer: Response) -> None:
    async def broken(_turn: dict[str, Any]) -> Any:
        return answer

    bot.on["break"] = broken
    await _fallback(await begin(web.http), "break", "bot_unavailable")


async def test_an_uncommitted_turn_is_not_shown(web: Web, bot: FakeBot) -> None:
    async def uncommitted(turn: dict[str, Any]) -> Any:
        return answer_to(turn, {"text": "forgotten at once"}, committed=False)

    bot.on["forget"] = uncommitted
    talk = await begin(web.http)
    reply = await _fallback(talk, "forget", "bot_uncommitted")
    assert (await talk.why(reply["seq"]))["status"] == "failed"


async def test_a_bot_without_a_word_is_spoken_for(web: Web, bot: FakeBot) -> None:
    async def silent(turn: dict[str, Any]) -> Any:
        return answer_to(turn)

    bot.on["say nothing"] = silent
    await _fallback(await begin(web.http), "say nothing", "no_answer")


async def test_an_answer_that_the_record_cannot_hold_is_cleaned(web: Web, bot: FakeBot) -> None:
    async def odd(_turn: dict[str, Any]) -> Any:
        turn_id = bot.turns[-1]["turn_id"]
        return Response(
            f'{{"turn_id": "{turn_id}", "committed": true, "decision": {{"score": NaN}},'
            ' "replies": [{"text": "nul \\u0000 half \\ud800 pair"}]}'
        )

    bot.on["odd"] = odd
    talk = await begin(web.http)
    assert (await talk.say("odd"))[0]["text"] == "nul  half  pair"


async def test_without_profiles_the_conversation_goes_on_as_if_nothing_were_agreed(
    settings: Settings, bot: FakeBot
) -> None:
    async with started(settings(profiles_url=f"http://127.0.0.1:{free_port()}")) as web:
        talk = await begin(web.http, "C000001")
        assert (await talk.say("hello"))[0]["text"] == "hello!"
    assert bot.turns[-1]["customer"] == {
        "customer_id": "C000001",
        "profile_version": None,
        "consent": None,
    }


async def test_an_interaction_waits_until_the_profile_service_is_back(
    settings: Settings, bot: FakeBot, profiles: FakeProfiles
) -> None:
    async def issue(turn: dict[str, Any]) -> Any:
        outcome = "open" if turn["text"] == "first" else "resolved"
        interaction = {"issue": "billing", "outcome": outcome}
        return answer_to(turn, {"text": "noted"}, decision={"interaction": interaction})

    bot.on["first"] = bot.on["second"] = issue
    port = free_port()
    async with started(settings(profiles_url=f"http://127.0.0.1:{port}")) as web:
        talk = await begin(web.http, "C000001")
        await talk.say("first")
        await talk.say("second")
        async with served(profiles.app, port), asyncio.timeout(30):
            while not [i for i in profiles.interactions if i["outcome"] == "resolved"]:
                profiles.heard.clear()
                await profiles.heard.wait()
    heard = profiles.interactions[-1]
    assert heard["interaction_id"] == heard["conversation_id"] == talk.conversation_id
    assert (heard["customer_id"], heard["channel"], heard["issue"]) == ("C000001", "chat", "billing")


async def test_the_profile_service_hears_of_a_conversation_only_what_is_new(
    settings: Settings, bot: FakeBot, profiles: FakeProfiles, chat_database: str
) -> None:
    async def issue(turn: dict[str, Any]) -> Any:
        interaction = {"issue": "billing", "outcome": turn["text"]}
        return answer_to(turn, {"text": "noted"}, decision={"interaction": interaction})

    bot.on["open"] = bot.on["resolved"] = issue

    def waits() -> bool:
        with psycopg.connect(chat_database) as connection:
            due = "SELECT count(*) > 0 FROM chat.outbox WHERE isfinite(next_attempt_at)"
            return connection.execute(due).fetchone() == (True,)

    async with started(settings()) as web, asyncio.timeout(20):
        talk = await begin(web.http, "C000001")
        await talk.say("open")
        assert waits()
        await profiles.heard.wait()
        while waits():  # noqa: ASYNC110 - until web has noted that it was heard
            await asyncio.sleep(0.02)
        await talk.say("open")
        assert not waits()
        await talk.say("resolved")
        assert waits()
    assert [heard["outcome"] for heard in profiles.interactions] == ["open"]


async def test_postgresql_restarts_in_mid_conversation(
    settings: Settings, tmp_path: Path, server_folder: Path
) -> None:
    from sqlalchemy import NullPool, create_engine, text  # noqa: PLC0415

    from common.settings import sqlalchemy_url  # noqa: PLC0415

    with Postgres(server_folder / "restarted", durable=False) as server:
        engine = create_engine(sqlalchemy_url(server.url), poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA chat"))
            metadata.create_all(connection)
        async with started(settings(database_url=server.url)) as web:
            talk = await begin(web.http, "C000001")
            await talk.say("before")
            await asyncio.to_thread(server.stop)
            during = asyncio.create_task(talk.post("during", client_id="during"))
            await asyncio.to_thread(server.start)
            answer = await during
            if answer.status_code == 503:
                assert answer.headers["Retry-After"]
                answer = await talk.post("during", client_id="during")
            assert answer.json()["replies"][0]["text"] == "during!"
            assert (await talk.say("after"))[0]["text"] == "after!"
            asked = [event["text"] for event in await talk.events() if event["role"] == "customer"]
            assert asked == ["before", "during", "after"]


async def test_redis_restarts_in_mid_conversation(settings: Settings, server_folder: Path) -> None:
    with RedisServer(server_folder / "restarted-redis", durable=False) as server:
        async with started(settings(redis_url=server.url)) as web:
            talk = await begin(web.http, "C000001")
            await asyncio.to_thread(server.stop)
            assert (await talk.say("without"))[0]["text"] == "without!"
            await asyncio.to_thread(server.start)
            assert (await talk.say("with"))[0]["text"] == "with!"
            async with Redis.from_url(server.url, decode_responses=True) as redis:
                assert await redis.get(f"conversation:{talk.conversation_id}:epoch") == "1"


async def test_turns_left_by_a_server_that_died_are_answered_by_the_next(
    settings: Settings, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def held(turn: dict[str, Any]) -> Any:
        asked.set()
        if len(bot.texts()) == 1:
            await asyncio.sleep(30)
        return answer_to(turn, {"text": "as if nothing had happened"})

    bot.on["held"] = held
    # A server that dies neither waits for its turns nor says that it goes.
    monkeypatch.setattr(turns.Turns, "close", _die)
    async with started(settings()) as web:
        talk = await begin(web.http)
        await talk.post("held", wait=False)
        await asyncio.wait_for(asked.wait(), 5)
    async with started(settings()) as web:
        talk.http = web.http
        async with talk.socket(after=2) as live, asyncio.timeout(20):
            assert (await live.event())["text"] == "as if nothing had happened"
    texts = [event["text"] for event in await _events_of(settings, talk)]
    assert texts == ["Hello!", "held", "as if nothing had happened"]


async def _die(self: turns.Turns) -> None:
    for queue in list(self._queues.values()):
        if queue.task:
            queue.task.cancel()


async def _events_of(settings: Settings, talk: Talk) -> list[dict[str, Any]]:
    async with started(settings()) as web:
        talk.http = web.http
        return await talk.events()
