"""Messages stand in one order, each once, and the bot gets one turn at a time, whatever arrives at once."""

import asyncio
from typing import Any

from tests.web.conftest import Settings, Web, started
from tests.web.servers import FakeBot, answer_to
from tests.web.talk import begin


async def test_messages_sent_at_once_are_each_answered_once_and_one_at_a_time(web: Web, bot: FakeBot) -> None:
    talk = await begin(web.http)
    answers = await asyncio.gather(*(talk.post(f"m{n}") for n in range(12)))
    for number, answer in enumerate(answers):
        assert [reply["text"] for reply in answer.json()["replies"]] == [f"m{number}!"]
    events = await talk.events()
    assert [event["seq"] for event in events] == list(range(1, 26))
    asked = [event["text"] for event in events if event["role"] == "customer"]
    replied = [event["text"] for event in events if event["role"] == "bot"][1:]
    assert bot.texts() == asked
    assert replied == [f"{text}!" for text in asked]
    assert bot.most_at_once == 1


async def test_two_web_processes_keep_one_order(settings: Settings, web: Web, bot: FakeBot) -> None:
    async with started(settings()) as second:
        talk = await begin(web.http)
        there = type(talk)(second.http, talk.conversation_id, talk.token)
        answers = await asyncio.gather(*((talk, there)[n % 2].post(f"m{n}") for n in range(8)))
    assert all(answer.status_code == 200 for answer in answers), [a.text for a in answers]
    asked = [event["text"] for event in await talk.events() if event["role"] == "customer"]
    assert bot.texts() == asked
    assert bot.most_at_once == 1


async def test_a_message_sent_again_is_the_same_message(web: Web, bot: FakeBot) -> None:
    talk = await begin(web.http)
    first = await talk.post("once", client_id="same")
    again = await talk.post("once", client_id="same")
    assert again.status_code == 200
    assert again.json() == first.json()
    assert bot.texts() == ["once"]


async def test_a_message_sent_many_times_at_the_same_moment_is_one_message(web: Web, bot: FakeBot) -> None:
    talk = await begin(web.http)
    answers = await asyncio.gather(*(talk.post("once", client_id="same") for _ in range(10)))
    assert len({answer.json()["seq"] for answer in answers}) == 1
    assert all(answer.json()["replies"][0]["text"] == "once!" for answer in answers)
    assert bot.texts() == ["once"]
    assert [event["seq"] for event in await talk.events()] == [1, 2, 3]


async def test_the_same_client_id_in_another_conversation_is_another_message(web: Web) -> None:
    one, two = await begin(web.http), await begin(web.http)
    assert (await one.post("a", client_id="same")).json()["replies"][0]["text"] == "a!"
    assert (await two.post("b", client_id="same")).json()["replies"][0]["text"] == "b!"


async def test_conversations_do_not_wait_for_each_other(web: Web, bot: FakeBot) -> None:
    released = asyncio.Event()

    async def held(turn: dict[str, Any]) -> Any:
        await released.wait()
        return answer_to(turn, {"text": "at last"})

    bot.on["held"] = held
    slow, quick = await begin(web.http), await begin(web.http)
    waiting = asyncio.create_task(slow.post("held"))
    assert (await quick.say("quick"))[0]["text"] == "quick!"
    assert not waiting.done()
    released.set()
    assert (await waiting).json()["replies"][0]["text"] == "at last"
