"""The agents' list: in the order in which to help, filtered, in pages, and live."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
import websockets

from tests.web.conftest import Settings, Web, started
from tests.web.desk import Desk, seated
from tests.web.servers import FakeBot, FakeProfiles, answer_to, parse_of
from tests.web.talk import Talk, begin
from web.agents import live
from web.chat.ownership import Change
from web.chat.service import change_owner


def _hears(
    bot: FakeBot, text: str, intent: str, read_as: str, decision: dict[str, Any] | None = None
) -> None:
    async def answer(turn: dict[str, Any]) -> Any:
        parse = parse_of(intent, mood=read_as)
        return answer_to(turn, {"text": "ok"}, parse=parse, decision=decision or {})

    bot.on[text] = answer


async def _queued(web: Web, talk: Talk) -> None:
    await change_owner(web.service, UUID(talk.conversation_id), Change.ASK_FOR_AGENT)


async def _row(desk: Desk, talk: Talk) -> dict[str, Any]:
    found: list[dict[str, Any]] = (await desk.listed())["conversations"]
    return next(row for row in found if row["conversation_id"] == talk.conversation_id)


async def test_who_waits_comes_first_and_of_those_the_angry_and_then_the_longest(
    web: Web, bot: FakeBot
) -> None:
    _hears(bot, "this is outrageous", "complaint", "angry")
    sam = await seated(web, "sam")
    calm, closed, later, first, furious, loud = [await begin(web.http) for _ in range(6)]
    await furious.say("this is outrageous")
    await loud.say("this is outrageous")
    for talk in (first, later, furious):
        await _queued(web, talk)
    await sam.take(closed)
    await sam.act(closed, "close", outcome="no_reply")
    wanted = [furious, first, later, loud, calm, closed]
    found = await sam.listed()
    assert [row["conversation_id"] for row in found["conversations"]] == [t.conversation_id for t in wanted]
    assert found["counts"] == {"queued": 3, "agent": 0, "bot": 2, "closed": 1}
    assert found["next_cursor"] is None


async def test_pages_follow_each_other_without_a_gap_or_a_twin(web: Web, bot: FakeBot) -> None:
    _hears(bot, "this is outrageous", "complaint", "angry")
    sam = await seated(web, "sam")
    talks = [await begin(web.http) for _ in range(7)]
    for talk in talks[:4]:
        await _queued(web, talk)
    for talk in talks[2:5]:
        await talk.say("this is outrageous")
    whole = await sam.ids()
    for limit in (1, 2, 3, 7):
        paged: list[str] = []
        cursor: str | None = None
        while True:
            page = await sam.listed(limit=limit, **({"cursor": cursor} if cursor else {}))
            paged += [row["conversation_id"] for row in page["conversations"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert paged == whole
    assert len(whole) == 7


@pytest.mark.parametrize("cursor", ["x", "W10=", "WzAsMSwyLDMsNF0="])
async def test_a_cursor_that_was_never_given_out_is_refused(web: Web, cursor: str) -> None:
    sam = await seated(web, "sam")
    refused = await sam.ask("GET", "conversations", params={"cursor": cursor})
    assert (refused.status_code, refused.json()["type"]) == (422, "unknown-cursor")


async def test_each_line_says_who_waits_for_what_in_which_mood(
    web: Web, bot: FakeBot, profiles: FakeProfiles
) -> None:
    profiles.attributes = {
        "service": {"first_name": "Maria"},
        "personalisation": {"segment": "loyal_high_value"},
    }
    _hears(bot, "where is it", "track_order", "angry", {"handoff": {"reason": "asked"}})
    sam = await seated(web, "sam")
    talk = await begin(web.http, "C000001")
    await talk.say("where is it")
    row = await _row(sam, talk)
    assert row | {"waiting_since": "", "updated_at": ""} == {
        "conversation_id": talk.conversation_id,
        "owner": "queued",
        "epoch": 2,
        "agent": None,
        "customer_id": "C000001",
        "customer_name": "Maria",
        "segment": "loyal_high_value",
        "mood": "angry",
        "angry": True,
        "intent": "track_order",
        "last_message": {"role": "bot", "text": "ok", "at": row["last_message"]["at"]},
        "waiting_since": "",
        "attention": "handoff",
        "updated_at": "",
        "last_seq": 4,
    }
    assert row["waiting_since"] is not None


async def test_a_segment_is_known_only_with_consent_and_forgotten_without(
    web: Web, profiles: FakeProfiles
) -> None:
    profiles.attributes = {"personalisation": {"segment": "loyal_high_value"}}
    sam = await seated(web, "sam")
    talk = await begin(web.http, "C000001")
    assert (await _row(sam, talk))["segment"] == "loyal_high_value"
    profiles.consent["personalisation"] = False
    await web.service.state._redis.flushall()
    await talk.say("hello")
    assert (await _row(sam, talk))["segment"] is None


@pytest.mark.parametrize(
    ("moods", "angry"),
    [
        (["angry"], True),
        (["angry", "neutral"], True),
        (["angry", "negative", "neutral"], True),
        (["angry", "neutral", "neutral"], False),
        (["angry", "positive"], False),
        (["neutral", "negative"], False),
        (["angry", "neutral", "neutral", "angry"], True),
    ],
)
async def test_an_angry_customer_stays_so_until_calmed_down(
    web: Web, bot: FakeBot, moods: Sequence[str], angry: bool
) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    for mood in moods:
        _hears(bot, mood, "track_order", mood)
        await talk.say(mood)
    row = await _row(sam, talk)
    assert (row["mood"], row["angry"]) == (moods[-1], angry)


@pytest.mark.parametrize(("before", "angry"), [("neutral", False), ("angry", True)])
@pytest.mark.parametrize("misread_as", ["angry", "positive", "neutral"])
async def test_a_bare_address_says_nothing_of_the_mood_whatever_it_was_read_as(
    web: Web, bot: FakeBot, before: str, angry: bool, misread_as: str
) -> None:
    _hears(bot, "where is it", "track_order", before, {"mood": before})
    _hears(bot, "tom.angry@example.com", "inform", misread_as, {"mood": None})
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    for text in ("where is it", "tom.angry@example.com", "tom.angry@example.com"):
        await talk.say(text)
    row = await _row(sam, talk)
    assert (row["mood"], row["angry"]) == (before, angry)
    open_talk = await sam.read(talk)
    turns = {
        event["turn"]["mood"]
        for event in open_talk["events"]
        if event.get("turn") and event["role"] == "customer"
    }
    assert turns == {before, None}
    assert misread_as == before or not any(misread_as in line for line in open_talk["summary"])


async def test_small_talk_does_not_hide_what_the_customer_wants(web: Web, bot: FakeBot) -> None:
    _hears(bot, "refund me", "get_refund", "negative")
    _hears(bot, "yes", "affirm", "neutral")
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await talk.say("refund me")
    await talk.say("yes")
    assert (await _row(sam, talk))["intent"] == "get_refund"


async def test_filters_narrow_the_list(web: Web, bot: FakeBot, profiles: FakeProfiles) -> None:
    profiles.attributes = {"personalisation": {"segment": "bargain_hunter"}}
    _hears(bot, "this is outrageous", "complaint", "angry")
    _hears(bot, "where is it", "track_order", "neutral")
    sam, kim = await seated(web, "sam"), await seated(web, "kim")
    known, furious, taken, plain = [await begin(web.http, "C000001"), *[await begin(web.http) for _ in "abc"]]
    await furious.say("this is outrageous")
    await plain.say("where is it")
    await sam.take(taken)
    for filters, wanted in (
        ({"owner": "agent"}, taken),
        ({"mood": "angry"}, furious),
        ({"segment": "bargain_hunter"}, known),
        ({"intent": "track_order"}, plain),
        ({"intent": "track_order", "mood": "neutral", "owner": "bot"}, plain),
        ({"mine": True}, taken),
    ):
        assert await sam.ids(**filters) == [wanted.conversation_id], filters
    assert await kim.ids(mine=True) == []
    assert await sam.ids(mood="angry", owner="queued") == []


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("kettle", True),
        ("kettles broke", True),
        ("ket", True),
        ('"copperline kettle"', True),
        ('"kettle copperline"', False),
        ("RP-100234", True),
        ("toaster", False),
        ("kettle -copperline", False),
        ("C000001", True),
        ("mar", True),
        ("the", False),
        ("%", False),
        ("'; DROP TABLE chat.events; --", False),
    ],
)
async def test_conversations_are_found_by_what_was_said_and_by_who_said_it(
    web: Web, profiles: FakeProfiles, searched: str, found: bool
) -> None:
    profiles.attributes = {"service": {"first_name": "Maria"}}
    sam = await seated(web, "sam")
    talk = await begin(web.http, "C000001")
    other = await begin(web.http)
    await talk.say("my Copperline kettle from RP-100234 broke!")
    await other.say("good afternoon")
    assert await sam.ids(text=searched) == ([talk.conversation_id] if found else [])


async def test_the_list_shows_no_address_of_the_last_message(web: Web) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await sam.take(talk)
    await talk.post("write to maria@example.org " + "x" * 500)
    last = (await _row(sam, talk))["last_message"]
    assert last["text"].startswith("write to [e-mail] ")
    assert (last["role"], len(last["text"])) == ("customer", 200)


async def test_a_customer_who_wrote_to_an_agent_waits_until_answered(web: Web) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await sam.take(talk)
    assert (await _row(sam, talk))["waiting_since"] is None
    await talk.post("hello?")
    since = (await _row(sam, talk))["waiting_since"]
    await talk.post("anybody?")
    assert (await _row(sam, talk))["waiting_since"] == since is not None
    await sam.say(talk, "here")
    assert (await _row(sam, talk))["waiting_since"] is None


async def test_every_change_of_any_conversation_is_told_live(web: Web) -> None:
    sam = await seated(web, "sam")
    async with sam.live() as socket:

        async def changed(talk: Talk) -> None:
            async with asyncio.timeout(15):
                while json.loads(await socket.recv()) != {
                    "type": "changed",
                    "conversation_id": talk.conversation_id,
                }:
                    pass

        talk = await begin(web.http)
        await changed(talk)
        await sam.take(talk)
        await changed(talk)
        await sam.act(talk, "notes", text="a quiet word")
        await changed(talk)
        other = await begin(web.http)
        await changed(other)


async def test_another_process_tells_as_well(web: Web, settings: Settings) -> None:
    sam = await seated(web, "sam")
    async with started(settings()) as second, sam.live() as socket:
        talk = await begin(second.http)
        async with asyncio.timeout(15):
            while json.loads(await socket.recv()).get("conversation_id") != talk.conversation_id:
                pass


async def test_the_live_socket_opens_only_to_those_who_may_read(web: Web) -> None:
    toni = await seated(web, "toni", "trainer")
    url = web.url.replace("http", "ws", 1) + "/api/agent/live"
    for token, kind in ((toni.token, "not-your-role"), ("guessed", "session-not-valid")):
        async with websockets.connect(url, proxy=None) as socket:
            await socket.send(json.dumps({"type": "hello", "token": token}))
            assert json.loads(await socket.recv())["problem"]["type"] == kind
            await socket.wait_closed()
            assert socket.close_code == 4401


async def test_a_session_that_ends_closes_its_socket(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PING_SECONDS", 0.1)
    sam = await seated(web, "sam")
    async with sam.live() as socket:
        assert json.loads(await socket.recv())["type"] == "ping"
        await sam.ask("DELETE", "sessions/current")
        async with asyncio.timeout(15):
            await socket.wait_closed()
        assert socket.close_code == 4401
