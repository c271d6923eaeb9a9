"""Bytes of requests become events: the good ones, and why the others don't."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.problems import Problem
from profiles.collect.messages import DEEPEST, LONGEST_EVENT, Arrived, read_batch, read_message
from profiles.events import envelope

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def viewed(**changes: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Product Viewed", "userId": "C000001", **changes}


def batch(*messages: Any, **more: Any) -> Arrived:
    return read_batch(json.dumps({"batch": list(messages), **more}).encode(), "shop", NOW)


def one(**changes: Any) -> envelope.Event:
    [event] = batch(viewed(**changes)).events
    return event


def test_a_message_is_as_it_was_sent() -> None:
    event = one(
        messageId="m-1",
        anonymousId="visitor-1",
        properties={"sku": "HV-HP-01", "price": 149.0},
        context={"page": {"path": "/kettles"}},
    )
    assert (event.message_id, event.user_id, event.anonymous_id) == ("m-1", "C000001", "visitor-1")
    assert event.properties == {"sku": "HV-HP-01", "price": 149.0}
    assert event.context == {"page": {"path": "/kettles"}}
    assert (event.source, event.received_at) == ("shop", NOW)


def test_a_message_without_an_id_gets_one_of_its_own() -> None:
    first, second = batch(viewed(), viewed(messageId=None)).events
    assert first.message_id and second.message_id
    assert first.message_id != second.message_id


def test_null_is_as_good_as_absent() -> None:
    event = one(
        anonymousId=None, properties=None, traits=None, context=None, timestamp=None, integrations=None
    )
    assert (event.anonymous_id, event.properties, event.traits, event.context) == (None, {}, {}, {})


def test_ids_that_are_numbers_are_read_as_text() -> None:
    assert one(userId=4711).user_id == "4711"


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "occurred"),
    [
        ("2026-11-22T11:59:00Z", None, NOW - timedelta(minutes=1)),
        # The sender's clock is an hour ahead: an event a minute before sending was a minute ago.
        ("2026-11-22T12:59:00Z", "2026-11-22T13:00:00Z", NOW - timedelta(minutes=1)),
        ("2026-11-22T12:59:00+01:00", "2026-11-22T12:00:00Z", NOW - timedelta(minutes=1)),
        # Without a zone a time is taken as UTC.
        ("2026-11-22T11:59:00", "2026-11-22T12:00:00", NOW - timedelta(minutes=1)),
        (None, "2026-11-22T11:00:00Z", NOW),
        ("2026-11-23T12:00:00Z", "2026-11-22T12:00:00Z", NOW),
    ],
)
def test_the_time_is_right_although_the_senders_clock_is_wrong(
    timestamp: str | None, sent_at: str | None, occurred: datetime
) -> None:
    [in_batch] = batch(viewed(timestamp=timestamp), sentAt=sent_at).events
    body = json.dumps(viewed(timestamp=timestamp, sentAt=sent_at)).encode()
    [alone] = read_message(body, "track", "shop", NOW).events
    assert in_batch.timestamp == alone.timestamp == occurred


def test_what_a_batch_has_in_common_goes_into_each_message_whose_own_words_win() -> None:
    common = {"library": {"name": "till"}, "consent": {"categoryPreferences": {"analytics": True}}}
    own = {"consent": {"categoryPreferences": {"analytics": False}}}
    first, second = batch(viewed(), viewed(context=own), context=common).events
    assert first.context == common
    assert second.context == {"library": {"name": "till"}, **own}


def test_the_kind_is_that_of_the_address() -> None:
    body = json.dumps(viewed(type="identify")).encode()
    assert read_message(body, "track", "shop", NOW).events[0].type == "track"


BAD: list[tuple[Any, str]] = [
    (viewed(userId=None), "userId or an anonymousId"),
    (viewed(event=None), "`event`"),
    (viewed(type="screen"), "type"),
    (viewed(type="group"), "groupId"),
    (viewed(type="alias"), "previousId"),
    (viewed(messageId="x" * 101), "messageId"),
    (viewed(userId="me@example.org"), "userId"),
    (viewed(timestamp="yesterday"), "timestamp"),
    (viewed(properties=[]), "properties"),
    (viewed(context="none"), "context"),
    ("a text", "object"),
    (None, "object"),
]


@pytest.mark.parametrize(("message", "named"), BAD)
def test_a_bad_message_is_named_by_its_place_and_costs_none_of_the_good(message: Any, named: str) -> None:
    arrived = batch(viewed(messageId="before"), message, viewed(messageId="after"))
    assert [event.message_id for event in arrived.events] == ["before", "after"]
    assert [bad.index for bad in arrived.bad] == [1]
    assert named in arrived.bad[0].detail


def test_what_is_wrong_is_told_without_repeating_what_was_sent() -> None:
    assert "example.org" not in batch(viewed(userId="me@example.org")).bad[0].detail


def test_a_long_message_is_refused_alone_or_among_others() -> None:
    long = viewed(properties={"text": "x" * LONGEST_EVENT})
    arrived = batch(viewed(messageId="before"), long)
    assert [event.message_id for event in arrived.events] == ["before"]
    assert [(bad.index, bad.too_long) for bad in arrived.bad] == [(1, True)]
    assert read_message(json.dumps(long).encode(), "track", "shop", NOW).bad[0].too_long


@pytest.mark.parametrize(
    "batch_of",
    [
        {"batch": [{}] * 2501},
        {"batch": [viewed()], "context": {"text": "x" * 4096}},
        {"batch": [viewed(), {}], "context": {"text": "x" * 4096}},
    ],
)
def test_what_would_become_much_more_than_was_sent_is_refused_as_a_whole(batch_of: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        read_batch(json.dumps(batch_of).encode(), "shop", NOW)
    assert refused.value.status == 413


def test_many_messages_that_are_long_together_are_good() -> None:
    arrived = batch(*[viewed(properties={"text": "x" * 9000})] * 50)
    assert (len(arrived.events), arrived.bad) == (50, [])


def test_halves_of_characters_and_nul_which_no_database_keeps_are_taken_out() -> None:
    body = rb'{"batch": [{"type": "track", "event": "Typed", "userId": "1", "properties": {"a\u0000": "cut \ud83d", "b": "\u0000"}}]}'
    [event] = read_batch(body, "shop", NOW).events
    assert event.properties == {"a\ufffd": "cut ?", "b": "\ufffd"}
    envelope.dump([event]).decode()


def test_broken_bytes_cost_a_character_not_the_batch() -> None:
    body = b'{"batch": [{"type": "page", "name": "caf\xe9", "anonymousId": "v"}, {"type": "page", "anonymousId": "v"}]}'
    assert [event.name for event in read_batch(body, "shop", NOW).events] == ["caf\ufffd", None]


def test_a_number_that_is_none_is_kept_as_null() -> None:
    body = b'{"batch": [{"type": "track", "event": "Rated", "userId": "1", "properties": {"stars": NaN}}]}'
    assert b'"stars":null' in envelope.dump(read_batch(body, "till", NOW).events)


def nested(depth: int) -> bytes:
    deep = b'{"x":' * depth + b"1" + b"}" * depth
    message = b'{"type": "track", "event": "Deep", "userId": "1", "properties": ' + deep + b"}"
    return b'{"batch": [{"type": "page", "userId": "1"}, ' + message + b"]}"


def test_what_is_nested_too_deeply_is_refused_alone_unless_nobody_could_read_the_whole() -> None:
    assert len(read_batch(nested(DEEPEST), "shop", NOW).events) == 2
    for depth in (DEEPEST + 1, 198, 250):
        arrived = read_batch(nested(depth), "shop", NOW)
        assert (len(arrived.events), [bad.index for bad in arrived.bad]) == (1, [1])
        assert "nested too deeply" in arrived.bad[0].detail or depth == 250
    with pytest.raises(Problem, match="not JSON"):
        read_batch(nested(20_000), "shop", NOW)


@pytest.mark.parametrize("depth", [DEEPEST + 1, 198, 300])
def test_what_a_batch_has_in_common_may_not_be_nested_deeper_than_its_messages(depth: int) -> None:
    deep = b'{"x":' * depth + b"1" + b"}" * depth
    body = b'{"batch": [{"type": "page", "userId": "1"}], "context": ' + deep + b"}"
    with pytest.raises(Problem, match="nested too deeply") as refused:
        read_batch(body, "shop", NOW)
    assert refused.value.status == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"{}", b'{"batch": {}}', b"[" * 5000])
def test_what_is_no_batch_is_a_problem(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read_batch(body, "shop", NOW)
    assert refused.value.status == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"\xff\xfe", b"[" * 5000])
def test_what_is_no_message_is_a_problem(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read_message(body, "track", "shop", NOW)
    assert refused.value.status == 400


#: Anything that JSON can say, halves of characters and all.
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = (
    "type",
    "userId",
    "anonymousId",
    "messageId",
    "properties",
    "context",
    "timestamp",
    "sentAt",
    "event",
)
_MESSAGES = st.fixed_dictionaries({}, optional=dict.fromkeys(_FIELDS, _ANYTHING)) | _ANYTHING


@given(messages=st.lists(_MESSAGES, max_size=4), place=st.integers(min_value=0, max_value=4))
def test_whatever_comes_along_a_good_message_is_accepted_and_every_bad_one_is_named(
    messages: list[Any], place: int
) -> None:
    sent = [*messages[:place], viewed(messageId="good"), *messages[place:]]
    arrived = read_batch(json.dumps({"batch": sent}).encode(), "shop", NOW)
    assert "good" in [event.message_id for event in arrived.events]
    assert len(arrived.events) + len(arrived.bad) == len(sent)
    assert len(envelope.parse(envelope.dump(arrived.events))) == len(arrived.events)
