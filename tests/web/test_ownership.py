"""Exactly one owner at any time, and an epoch that makes an outdated voice void."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.conftest import Web
from tests.web.servers import FakeBot, answer_to
from tests.web.talk import begin
from web.chat.ownership import BOT_SPEAKS, Change, ChangeRefused, Owner, Ownership
from web.chat.service import change_owner


@given(st.lists(st.sampled_from(Change)))
def test_the_epoch_grows_with_each_change_and_with_nothing_else(changes: list[Change]) -> None:
    now = Ownership(Owner.BOT, 1)
    for change in changes:
        before = now
        try:
            now = now.after(change)
        except ChangeRefused:
            assert not before.allows(change)
            continue
        assert before.allows(change)
        assert now.epoch == before.epoch + 1
        if before.owner is Owner.AGENT:
            assert now.owner in (Owner.BOT, Owner.QUEUED, Owner.CLOSED)
        if now.owner is Owner.AGENT:
            assert before.owner in (Owner.BOT, Owner.QUEUED)
            assert change is Change.TAKE
    assert now.epoch <= len(changes) + 1


@given(st.sampled_from(Change))
def test_nothing_leads_out_of_a_closed_conversation(change: Change) -> None:
    with pytest.raises(ChangeRefused):
        Ownership(Owner.CLOSED, 9).after(change)


def test_the_bot_never_speaks_over_an_agent() -> None:
    assert {Owner.BOT, Owner.QUEUED} == BOT_SPEAKS


async def _taken(web: Web, conversation_id: str) -> None:
    await change_owner(web.service, UUID(conversation_id), Change.ASK_FOR_AGENT, reason="test")
    await change_owner(web.service, UUID(conversation_id), Change.TAKE, agent="agent-1")


async def test_the_bot_asks_for_a_person_and_goes_on_until_one_comes(web: Web, bot: FakeBot) -> None:
    async def hand_off(turn: dict[str, Any]) -> Any:
        return answer_to(turn, {"text": "One moment"}, decision={"handoff": {"reason": "asked"}})

    bot.on["a person please"] = hand_off
    talk = await begin(web.http, "C000001")
    await talk.say("a person please")
    assert [(e["type"], e.get("owner")) for e in await talk.events(after=3)] == [("owner", "queued")]
    assert (await talk.state())["owner"] == "queued"
    assert (await talk.say("and meanwhile?"))[0]["text"] == "and meanwhile?!"
    assert bot.turns[-1]["owner_epoch"] == 2
    await talk.say("a person please")
    assert (await talk.state())["epoch"] == 2, "who waits already is not queued twice"


async def test_the_bot_is_silent_while_an_agent_owns_the_conversation(web: Web, bot: FakeBot) -> None:
    talk = await begin(web.http)
    await _taken(web, talk.conversation_id)
    answer = await talk.post("are you there?")
    assert (answer.json()["status"], answer.json()["replies"]) == ("with_agent", [])
    await change_owner(web.service, UUID(talk.conversation_id), Change.HAND_BACK)
    assert (await talk.say("and now?"))[0]["text"] == "and now?!"
    assert bot.texts() == ["and now?"]


async def test_a_reply_that_comes_after_an_agent_took_over_is_dropped(web: Web, bot: FakeBot) -> None:
    asked, released = asyncio.Event(), asyncio.Event()

    async def held(turn: dict[str, Any]) -> Any:
        asked.set()
        await released.wait()
        return answer_to(turn, {"text": "over your voice"})

    bot.on["held"] = held
    talk = await begin(web.http)
    posting = asyncio.create_task(talk.post("held"))
    await asked.wait()
    await _taken(web, talk.conversation_id)
    released.set()
    answer = (await posting).json()
    assert answer["replies"] == []
    assert "over your voice" not in [event.get("text") for event in await talk.events()]
    assert (await talk.why(answer["seq"]))["status"] == "dropped"


async def test_a_closed_conversation_takes_no_message(web: Web) -> None:
    talk = await begin(web.http)
    await _taken(web, talk.conversation_id)
    await change_owner(web.service, UUID(talk.conversation_id), Change.CLOSE)
    refused = await talk.post("one more thing")
    assert (refused.status_code, refused.json()["type"]) == (409, "conversation-closed")
    assert (await talk.state())["state"] == "closed"


async def test_two_agents_cannot_both_take_a_conversation(web: Web) -> None:
    talk = await begin(web.http)
    conversation_id = UUID(talk.conversation_id)
    await change_owner(web.service, conversation_id, Change.ASK_FOR_AGENT)
    takes = await asyncio.gather(
        *(change_owner(web.service, conversation_id, Change.TAKE) for _ in range(5)), return_exceptions=True
    )
    assert sum(not isinstance(take, BaseException) for take in takes) == 1
    assert (await talk.state())["epoch"] == 3


async def test_actions_find_the_current_epoch_in_redis(web: Web) -> None:
    talk = await begin(web.http)
    key = f"conversation:{talk.conversation_id}:epoch"
    redis = web.service.state._redis
    assert await redis.get(key) == "1"
    await _taken(web, talk.conversation_id)
    assert await redis.get(key) == "3"
    await web.service.state.write_epoch(UUID(talk.conversation_id), 2)
    assert await redis.get(key) == "3", "a slow writer does not bring back an older epoch"
