"""One agent has a conversation or none: whoever is late is refused, and the bot is silent."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from tests.web.conftest import Web
from tests.web.desk import seated
from tests.web.servers import FakeBot, FakeProfiles, answer_to
from tests.web.talk import begin


async def test_an_agent_takes_over_answers_and_hands_back(web: Web, bot: FakeBot) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http, "C000001")
    taken = await sam.take(talk)
    assert (taken["owner"], taken["agent"]["display_name"]) == ("agent", "Sam")
    assert (await talk.post("is anybody there?")).json()["status"] == "with_agent"
    said = await sam.say(talk, "Yes, Sam here.")
    assert (said.status_code, said.json()["agent_name"]) == (201, "Sam")
    async with talk.socket(after=said.json()["seq"]) as live:
        back = await sam.act(talk, "hand-back")
        assert (back.status_code, back.json()["owner"], back.json()["agent"]) == (200, "bot", None)
        assert (await live.event())["owner"] == "bot"
        assert (await live.event())["text"] == "command resume_from_agent"
    assert (await talk.say("and now?"))[0]["text"] == "and now?!"
    assert bot.texts() == ["and now?"], "the bot heard nothing while the agent had the conversation"
    assert bot.turns[1]["owner_epoch"] == 3


async def test_the_customer_sees_who_speaks(web: Web) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await sam.take(talk)
    await sam.say(talk, "Hello, how can I help?")
    joined, said = await talk.events(after=1)
    assert (joined["type"], joined["owner"], joined["agent"]) == ("owner", "agent", "Sam")
    assert (said["role"], said["text"], said["agent"]) == ("agent", "Hello, how can I help?", "Sam")
    assert "client_id" not in said


@pytest.mark.parametrize("agents", [2, 8])
async def test_of_many_agents_who_take_at_once_exactly_one_wins(web: Web, agents: int) -> None:
    desks = [await seated(web, f"agent{number}") for number in range(agents)]
    for _ in range(2):
        talk = await begin(web.http)
        answers = await asyncio.gather(*(desk.act(talk, "take", epoch=1) for desk in desks))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * (agents - 1)
        winner = desks[[answer.status_code for answer in answers].index(200)]
        for answer in answers:
            if answer.status_code == 409:
                assert (answer.json()["type"], answer.json()["by"]) == (
                    "owned-by-another",
                    winner.name.capitalize(),
                )
        state = await talk.state()
        assert (state["owner"], state["epoch"]) == ("agent", 2)
        replies = await asyncio.gather(*(desk.say(talk, "it is me") for desk in desks))
        assert [reply.status_code for reply in replies].count(201) == 1
        said = [event for event in await talk.events() if event["role"] == "agent"]
        assert [event["agent"] for event in said] == [winner.name.capitalize()]


async def test_taking_what_one_has_already_is_no_fault(web: Web) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await sam.take(talk)
    again = await sam.act(talk, "take", epoch=1)
    assert (again.status_code, again.json()["epoch"]) == (200, 2)


async def test_what_has_changed_since_is_not_taken_blindly(web: Web, bot: FakeBot) -> None:
    async def hand_off(turn: dict[str, Any]) -> Any:
        return answer_to(turn, {"text": "One moment"}, decision={"handoff": {"reason": "asked"}})

    bot.on["a person please"] = hand_off
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await talk.say("a person please")
    refused = await sam.act(talk, "take", epoch=1)
    assert (refused.status_code, refused.json()["type"], refused.json()["epoch"]) == (409, "epoch-passed", 2)
    assert (await talk.state())["owner"] == "queued"
    assert (await sam.act(talk, "take", epoch=2)).status_code == 200


async def test_a_late_reply_of_the_bot_is_dropped_when_an_agent_has_taken_over(
    web: Web, bot: FakeBot
) -> None:
    asked, released = asyncio.Event(), asyncio.Event()

    async def held(turn: dict[str, Any]) -> Any:
        asked.set()
        await released.wait()
        return answer_to(turn, {"text": "over your voice"})

    bot.on["held"] = held
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    posting = asyncio.create_task(talk.post("held"))
    await asked.wait()
    await sam.take(talk)
    released.set()
    assert (await posting).json()["replies"] == []
    assert "over your voice" not in [event.get("text") for event in await talk.events()]
    turn = next(event["turn"] for event in (await sam.read(talk))["events"] if event["text"] == "held")
    assert (turn["status"], turn["intent"]) == ("dropped", "track_order")


async def test_only_the_owner_answers_hands_back_and_closes(web: Web) -> None:
    sam, kim = await seated(web, "sam"), await seated(web, "kim")
    talk = await begin(web.http)
    for desk, owner in ((kim, None), (kim, sam)):
        if owner:
            await owner.take(talk)
        said = await desk.say(talk, "mine?")
        back = await desk.act(talk, "hand-back")
        closed = await desk.act(talk, "close", outcome="resolved")
        assert {(a.status_code, a.json()["type"]) for a in (said, back, closed)} == {(409, "not-yours")}
        assert said.json().get("by") == ("Sam" if owner else None)
    assert (await talk.state())["owner"] == "agent"


async def test_a_message_sent_twice_is_kept_once(web: Web) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await sam.take(talk)
    answers = await asyncio.gather(*(sam.say(talk, "once", client_id="same") for _ in range(5)))
    assert {(answer.status_code, answer.json()["seq"]) for answer in answers} == {(201, 3)}
    assert [event["text"] for event in await talk.events(after=2)] == ["once"]


async def test_a_customers_id_cannot_stand_in_the_way_of_an_agents(web: Web) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await sam.take(talk)
    await talk.post("mine", client_id="same")
    await talk.post("mine too", client_id=f"agent:{sam.staff_id}:guess")
    assert (await sam.say(talk, "mine as well", client_id="same")).status_code == 201


async def test_a_closed_conversation_stays_closed_and_its_outcome_reaches_the_profile(
    web: Web, bot: FakeBot, profiles: FakeProfiles
) -> None:
    async def about_returns(turn: dict[str, Any]) -> Any:
        interaction = {"issue": "return", "outcome": "open"}
        return answer_to(turn, {"text": "Which order?"}, decision={"interaction": interaction})

    bot.on["send it back"] = about_returns
    sam = await seated(web, "sam")
    talk = await begin(web.http, "C000001")
    await talk.say("send it back")
    await sam.take(talk)
    closed = await sam.act(talk, "close", outcome="resolved", note="label sent by post")
    document = closed.json()
    assert (document["owner"], document["outcome"]) == ("closed", "resolved")
    assert [note["text"] for note in document["notes"]] == ["label sent by post"]
    assert (await talk.post("one more thing")).status_code == 409
    assert (await sam.act(talk, "take", epoch=3)).json()["type"] == "conversation-closed"
    async with asyncio.timeout(15):
        while not any(heard["outcome"] == "resolved" for heard in profiles.interactions):
            profiles.heard.clear()
            await profiles.heard.wait()
    heard = profiles.interactions[-1]
    assert (heard["interaction_id"], heard["issue"]) == (talk.conversation_id, "return")


async def test_a_bot_that_fails_at_the_hand_back_leaves_the_customer_with_people(
    web: Web, bot: FakeBot
) -> None:
    async def broken(_turn: dict[str, Any]) -> Any:
        return {"no": "answer"}

    bot.on["command:resume_from_agent"] = broken
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await sam.take(talk)
    async with talk.socket(after=2) as live:
        await sam.act(talk, "hand-back")
        assert (await live.event())["owner"] == "bot"
        assert (await live.event())["kind"] == "bot_unavailable"
        assert (await live.event())["owner"] == "queued"


async def test_an_assistant_with_nothing_to_say_at_the_hand_back_is_not_at_fault(
    web: Web, bot: FakeBot
) -> None:
    answered = asyncio.Event()

    async def silent(turn: dict[str, Any]) -> Any:
        answered.set()
        return answer_to(turn)

    bot.on["command:resume_from_agent"] = silent
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await sam.take(talk)
    await sam.act(talk, "hand-back")
    await answered.wait()
    await talk.say("hello again")
    assert (await talk.state())["owner"] == "bot"


async def test_an_unknown_conversation_is_a_clear_refusal(web: Web) -> None:
    sam = await seated(web, "sam")
    path = f"conversations/{UUID(int=7)}"
    answers = [
        await sam.ask("GET", path),
        await sam.ask("GET", f"{path}/customer"),
        await sam.ask("POST", f"{path}/take", json={"epoch": 1}),
        await sam.ask("POST", f"{path}/messages", json={"text": "hello", "client_id": "a"}),
        await sam.ask("POST", f"{path}/notes", json={"text": "hello"}),
        await sam.ask("POST", f"{path}/hand-back"),
        await sam.ask("POST", f"{path}/close", json={"outcome": "open"}),
        await sam.ask("POST", f"{path}/marks", json={"seq": 1}),
    ]
    assert {(a.status_code, a.json()["type"]) for a in answers} == {(404, "unknown-conversation")}
