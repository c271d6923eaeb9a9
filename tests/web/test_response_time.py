"""The profile service hears how long the customer waited for a first answer, whoever gave it."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from tests.web.conftest import Web
from tests.web.desk import seated
from tests.web.servers import FakeBot, FakeProfiles, answer_to
from tests.web.talk import Talk, begin


async def seconds_between(talk: Talk, question: str, answer: str) -> float:
    """From one message of the conversation to another, by the times that everybody sees."""
    at = {
        event["text"]: datetime.fromisoformat(event["at"]) for event in await talk.events() if "text" in event
    }
    return (at[answer] - at[question]).total_seconds()


async def heard(profiles: FakeProfiles, outcome: str) -> dict[str, Any]:
    """The newest that the profile service heard, once it has heard of this outcome."""
    async with asyncio.timeout(20):
        while not any(interaction["outcome"] == outcome for interaction in profiles.interactions):
            profiles.heard.clear()
            await profiles.heard.wait()
    return profiles.interactions[-1]


async def test_the_first_answer_of_the_assistant_counts_and_neither_its_greeting_nor_a_later_one(
    web: Web, bot: FakeBot, profiles: FakeProfiles
) -> None:
    async def later(turn: dict[str, Any]) -> Any:
        interaction = {"issue": "billing", "outcome": "resolved"}
        return answer_to(turn, {"text": "noted"}, decision={"interaction": interaction})

    bot.on["second"] = later
    talk = await begin(web.http, "C000001")
    await talk.say("first")
    await talk.say("second")
    waited = await seconds_between(talk, "first", "first!")
    assert waited > 0
    told = (await heard(profiles, "resolved"))["response_seconds"]
    assert told == pytest.approx(waited, abs=0.001)
    assert told < await seconds_between(talk, "first", "noted") - 0.001


async def test_a_person_who_answers_first_counts_and_no_word_that_something_failed(
    web: Web, bot: FakeBot, profiles: FakeProfiles
) -> None:
    async def broken(_turn: dict[str, Any]) -> Any:
        return {"no": "answer"}

    bot.on["help"] = broken
    sam = await seated(web, "sam")
    talk = await begin(web.http, "C000001")
    assert (await talk.say("help"))[0]["role"] == "system"
    await sam.take(talk)
    await sam.say(talk, "Sam here.")
    await sam.act(talk, "close", outcome="resolved")
    waited = await seconds_between(talk, "help", "Sam here.")
    assert (await heard(profiles, "resolved"))["response_seconds"] == pytest.approx(waited, abs=0.001)


async def test_who_was_never_answered_has_no_waiting_time(
    web: Web, bot: FakeBot, profiles: FakeProfiles
) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http, "C000001")
    await sam.take(talk)
    await talk.post("anybody?")
    await sam.act(talk, "close", outcome="open")
    assert (await heard(profiles, "open"))["response_seconds"] is None
