"""What an agent reads of a conversation: each message with what was made of it, a summary, the open form, notes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.web.conftest import Web
from tests.web.desk import seated
from tests.web.servers import FakeBot, FakeProfiles, answer_to, parse_of
from tests.web.talk import begin
from web.chat.database import DatabaseUnavailable
from web.chat.tables import conversations

_FORM = {
    "intent": "return_item",
    "title": "Return an item",
    "filled": [{"name": "order_id", "label": "order", "value": "RP-100104"}],
    "missing": [{"name": "reason", "label": "reason"}],
}


def _answers(
    bot: FakeBot, said: str, parse: dict[str, Any], *replies: dict[str, Any], **decision: Any
) -> None:
    async def answer(turn: dict[str, Any]) -> Any:
        return answer_to(turn, *(replies or ({"text": "ok"},)), parse=parse, decision=decision)

    bot.on[said] = answer


async def _audit(web: Web, conversation_id: str) -> list[tuple[str, str, str | None, str | None]]:
    async def work(connection: AsyncConnection) -> list[Any]:
        rows = await connection.execute(
            text(
                "SELECT who, action, customer_id, reason FROM chat.audit "
                "WHERE conversation_id = :id ORDER BY id"
            ),
            {"id": conversation_id},
        )
        return [tuple(row) for row in rows]

    return await web.service.agents.audit._database.run(work)


async def test_each_message_stands_there_with_what_was_made_of_it(web: Web, bot: FakeBot) -> None:
    parse = {**parse_of("return_item", 0.55, "negative"), "alternatives": [{"name": "get_refund"}]}
    _answers(
        bot,
        "it is too loud",
        parse,
        {"text": "Which order?", "reply": "utter_which_order", "variant": "default"},
        attributes_read=[{"name": "customer.tier", "value": "gold", "purpose": "personalisation"}],
    )
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await talk.say("it is too loud")
    greeting, message, reply = (await sam.read(talk))["events"]
    assert (greeting["turn"]["seq"], greeting["turn"]["reply"]) == (0, "utter_greet")
    assert message["turn"] == reply["turn"]
    turn = message["turn"]
    assert (turn["seq"], turn["status"], turn["in_scope"], turn["mood"]) == (2, "answered", True, "negative")
    assert (turn["intent"], turn["confidence"], turn["reply"]) == ("return_item", 0.55, "utter_which_order")
    assert turn["alternatives"] == [{"name": "get_refund"}]
    assert turn["plain"][0].startswith(
        "The assistant was not sure (55%) that the message means “return item”"
    )
    assert turn["plain"][2] == "For this it read tier (consent: personalisation)."


async def test_without_close_intents_the_next_best_are_named(web: Web, bot: FakeBot) -> None:
    ranking = [{"name": name, "confidence": 0.1} for name in ("track_order", "get_refund", "complaint")]
    _answers(bot, "where is it", {**parse_of("track_order"), "intent_ranking": ranking})
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await talk.say("where is it")
    turn = (await sam.read(talk))["events"][1]["turn"]
    assert [other["name"] for other in turn["alternatives"]] == ["get_refund", "complaint"]


async def test_a_message_that_fits_nothing_is_said_to_be_out_of_scope(web: Web, bot: FakeBot) -> None:
    _answers(bot, "what is the weather", parse_of("out_of_scope"))
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await talk.say("what is the weather")
    assert (await sam.read(talk))["events"][1]["turn"]["in_scope"] is False


async def test_the_form_that_is_open_can_be_gone_on_with(web: Web, bot: FakeBot) -> None:
    _answers(bot, "I want to send it back", parse_of("return_item"), form=_FORM)
    _answers(bot, "forget it", parse_of("deny"))
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    assert (await sam.read(talk))["form"] is None
    await talk.say("I want to send it back")
    assert (await sam.read(talk))["form"] == _FORM
    assert "Unfinished: Return an item, still to be asked: reason." in (await sam.read(talk))["summary"][2]
    await talk.say("forget it")
    assert (await sam.read(talk))["form"] is None


async def test_three_lines_say_who_wants_what_what_was_done_and_what_is_open(
    web: Web, bot: FakeBot, profiles: FakeProfiles
) -> None:
    profiles.attributes = {
        "service": {"first_name": "Maria"},
        "personalisation": {"segment": "loyal_high_value"},
    }
    order = {"kind": "order", "order_id": "RP-100104", "status": "out_for_delivery"}
    settled = {"issue": "order", "outcome": "resolved"}
    _answers(
        bot,
        "where is it",
        parse_of("track_order"),
        {"text": "On its way to maria@example.org", "cards": [order]},
        interaction=settled,
    )
    _answers(bot, "useless!", parse_of("complaint", mood="angry"), handoff={"reason": "the customer asked"})
    sam = await seated(web, "sam")
    talk = await begin(web.http, "C000001")
    await talk.say("where is it")
    await talk.say("useless!")
    who, done, left = (await sam.read(talk))["summary"]
    assert who == "Maria (C000001, loyal high value) wants to know where an order is, then complain."
    assert done == (
        "2 messages from the customer, the assistant answered 2. Settled: order. "
        "Spoken of: RP-100104 (out for delivery). Last answer: “ok”"
    )
    assert left == (
        "Mood: angry. Needs a person: the customer asked. Has waited less than a minute for a person."
    )


async def test_a_summary_of_nothing_says_so(web: Web) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    assert (await sam.read(talk))["summary"] == [
        "A visitor who is not signed in has not written anything yet.",
        "0 messages from the customer. Last answer: “Hello!”",
        "Mood not known yet. Nothing is left open that the assistant knows of.",
    ]


async def test_personal_data_is_masked_in_the_summary_and_shown_in_the_transcript(
    web: Web, bot: FakeBot
) -> None:
    said = "my address is jo@example.org"
    _answers(bot, said, parse_of("inform"), {"text": "I have noted jo@example.org."})
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await talk.say(said)
    document = await sam.read(talk)
    assert document["events"][1]["text"] == said
    assert "[e-mail]" in document["summary"][0]
    assert "jo@example.org" not in " ".join(document["summary"])


async def test_notes_are_for_colleagues_and_never_for_the_customer(web: Web) -> None:
    sam, kim = await seated(web, "sam"), await seated(web, "kim")
    talk = await begin(web.http)
    answer = await sam.act(talk, "notes", text="was rude on the phone")
    assert (answer.status_code, answer.json()["author"]) == (201, "Sam")
    (note,) = (await kim.read(talk))["notes"]
    assert (note["text"], note["author"]) == ("was rude on the phone", "Sam")
    assert len(await talk.events()) == 1


async def test_a_misread_message_is_marked_once_and_can_be_unmarked(web: Web) -> None:
    sam, kim = await seated(web, "sam"), await seated(web, "kim")
    talk = await begin(web.http)
    await talk.say("send it back")
    assert (await sam.act(talk, "marks", seq=2, intent="get_refund")).status_code == 201
    corrected = await kim.act(talk, "marks", seq=3, intent="return_item", comment="by the reply")
    assert corrected.status_code == 201
    _, message, reply = (await sam.read(talk))["events"]
    assert message["turn"]["marked"] == reply["turn"]["marked"]
    marked = message["turn"]["marked"]
    assert (marked["intent"], marked["comment"], marked["by"]) == ("return_item", "by the reply", "Kim")
    of = f"conversations/{talk.conversation_id}/marks"
    assert (await sam.ask("DELETE", f"{of}/2")).status_code == 204
    assert (await sam.read(talk))["events"][1]["turn"]["marked"] is None
    assert (await sam.ask("DELETE", f"{of}/2")).json()["type"] == "no-mark-here"


async def test_a_message_that_a_person_answered_can_be_marked_too(web: Web) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await sam.take(talk)
    await talk.post("where is my parcel")
    await sam.act(talk, "marks", seq=3, intent="track_order")
    message = (await sam.read(talk))["events"][-1]
    assert (message["turn"]["status"], message["turn"]["marked"]["intent"]) == ("skipped", "track_order")


@pytest.mark.parametrize("seq", [1, 99])
async def test_only_what_a_customer_wrote_can_be_marked(web: Web, seq: int) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    refused = await sam.act(talk, "marks", seq=seq)
    assert (refused.status_code, refused.json()["type"]) == (404, "no-message-here")


async def test_changes_of_owner_are_told_in_words(web: Web, bot: FakeBot) -> None:
    _answers(bot, "a person", parse_of("contact_human_agent"), handoff={"reason": "the customer asked"})
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await talk.say("a person")
    await sam.take(talk)
    async with talk.socket(after=5) as live:
        await sam.act(talk, "hand-back")
        await live.event()
        await live.event()
    await sam.take(talk)
    closed = (await sam.act(talk, "close", outcome="answered")).json()
    lines = [event["text"] for event in closed["events"] if event["type"] == "owner"]
    assert lines == [
        "Waits for an agent: the customer asked.",
        "Sam has taken over.",
        "Sam has handed back to the assistant.",
        "Sam has taken over.",
        "Sam has closed the conversation.",
    ]


async def test_of_a_long_conversation_the_newest_part_is_shown(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.agents.transcript.LIMIT", 4)
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    for said in ("one", "two", "three"):
        await talk.say(said)
    document = await sam.read(talk)
    assert [event["seq"] for event in document["events"]] == [4, 5, 6, 7]
    assert (document["more_before"], document["last_seq"]) == (3, 7)


async def test_who_looks_and_what_they_do_is_written_down(web: Web) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http, "C000001")
    await sam.ask("GET", f"conversations/{talk.conversation_id}", params={"reason": "a complaint by phone"})
    await sam.ask("GET", f"conversations/{talk.conversation_id}/customer")
    await sam.act(talk, "notes", text="looked at it")
    await sam.take(talk)
    await sam.say(talk, "hello")
    await sam.act(talk, "take", epoch=1)
    await sam.act(talk, "close", outcome="resolved")
    await sam.say(talk, "too late")
    usual = f"conversation {talk.conversation_id}"
    assert await _audit(web, talk.conversation_id) == [
        ("sam", "read_transcript", "C000001", "a complaint by phone"),
        ("sam", "read_customer", "C000001", usual),
        ("sam", "note", "C000001", None),
        ("sam", "take", "C000001", None),
        ("sam", "reply", "C000001", None),
        ("sam", "close", "C000001", "resolved"),
    ]


async def test_a_look_that_goes_on_is_one_entry(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    sam, noor = await seated(web, "sam"), await seated(web, "noor")
    talk = await begin(web.http, "C000001")
    usual = f"conversation {talk.conversation_id}"
    for _ in range(3):
        await sam.read(talk)
        await sam.ask("GET", f"conversations/{talk.conversation_id}/customer")
    await noor.read(talk)
    await sam.ask("GET", f"conversations/{talk.conversation_id}", params={"reason": "a complaint by phone"})
    looks = [
        ("sam", "read_transcript", "C000001", usual),
        ("sam", "read_customer", "C000001", usual),
        ("noor", "read_transcript", "C000001", usual),
        ("sam", "read_transcript", "C000001", "a complaint by phone"),
    ]
    assert await _audit(web, talk.conversation_id) == looks
    # After a quarter of an hour it is written again, so that its length is known.
    monkeypatch.setattr("web.agents.audit.ONE_LOOK", timedelta(0))
    await sam.read(talk)
    assert await _audit(web, talk.conversation_id) == [*looks, looks[0]]


@pytest.mark.parametrize(
    "change", ["UPDATE chat.audit SET who = 'nobody'", "DELETE FROM chat.audit", "TRUNCATE chat.audit"]
)
async def test_nothing_is_taken_out_of_the_audit_log(web: Web, change: str) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(text(change))

    with pytest.raises(DBAPIError, match="only ever added to"):
        await web.service.agents.audit._database.run(work)


@pytest.mark.parametrize("look", ["", "/customer"])
async def test_without_a_record_of_the_look_nothing_is_shown(
    web: Web, profiles: FakeProfiles, monkeypatch: pytest.MonkeyPatch, look: str
) -> None:
    async def away(*_: object) -> None:
        raise DatabaseUnavailable

    sam = await seated(web, "sam")
    talk = await begin(web.http, "C000001")
    monkeypatch.setattr("web.agents.audit.Audit.look", away)
    refused = await sam.ask("GET", f"conversations/{talk.conversation_id}{look}")
    assert (refused.status_code, refused.json()["type"]) == (503, "record-unavailable")
    assert profiles.looks == []


async def test_how_long_a_customer_waits_is_said_in_minutes(web: Web) -> None:
    sam = await seated(web, "sam")
    talk = await begin(web.http)
    await sam.take(talk)
    await talk.post("hello?")

    async def work(connection: AsyncConnection) -> None:
        since = datetime.now(UTC) - timedelta(minutes=12, seconds=5)
        await connection.execute(
            conversations.update()
            .where(conversations.c.id == talk.conversation_id)
            .values(waiting_since=since)
        )

    await web.service.agents.audit._database.run(work)
    assert "Has waited 12 minutes for a person." in (await sam.read(talk))["summary"][2]
