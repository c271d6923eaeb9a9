"""What an accepted event is, and when it occurred."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from profiles.events.envelope import EARLIEST, Event, dump, occurred_at, parse, read

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def accepted(**fields: Any) -> Event:
    content = {
        "messageId": "m1",
        "type": "track",
        "userId": "C000001",
        "event": "Product Viewed",
        "timestamp": NOW,
        "receivedAt": NOW,
        "source": "shop",
    }
    return Event.model_validate({**content, **fields})


def test_an_entry_gives_back_the_events_that_were_put_in() -> None:
    events = [
        accepted(properties={"sku": "HV-1", "price": 9.5}, context={"consent": {}}),
        accepted(messageId="m2", type="identify", event=None, anonymousId="b-1", traits={"plan": "é"}),
    ]
    assert parse(dump(events)) == events


def test_a_message_that_can_not_be_read_costs_none_beside_it() -> None:
    deep: Any = 1
    for _ in range(205):
        deep = {"x": deep}
    before, after = accepted(), accepted(messageId="m3")
    found = read(dump([before, accepted(messageId="m2", properties=deep), after]))
    assert found.events == [before, after]
    [faulty] = found.faulty
    assert b'"m2"' in faulty
    assert read(faulty).faulty == [faulty]


@pytest.mark.parametrize("entry", [b"", b"no events", b"[]", b'{"events": 1}', b"[" * 100_000])
def test_what_is_no_entry_is_kept_as_it_is(entry: bytes) -> None:
    assert read(entry).faulty == [entry]


@pytest.mark.parametrize(
    "fields",
    [
        {"userId": None},
        {"userId": "a b"},
        {"messageId": ""},
        {"messageId": "x" * 101},
        {"event": None},
        {"type": "screen"},
        {"type": "alias", "previousId": None},
        {"type": "alias", "userId": None, "anonymousId": "b", "previousId": "a"},
        {"type": "group"},
        {"anonymousId": "two words"},
        {"event": "zero\x00byte"},
    ],
)
def test_an_event_that_is_not_whole_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        accepted(**fields)


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "expected"),
    [
        (None, None, NOW),
        (NOW - 5 * MINUTE, None, NOW - 5 * MINUTE),
        (NOW - 60 * MINUTE, NOW - 50 * MINUTE, NOW - 10 * MINUTE),
        (NOW + 60 * MINUTE, NOW + 65 * MINUTE, NOW - 5 * MINUTE),
        (NOW + timedelta(seconds=30), None, NOW + timedelta(seconds=30)),
        (NOW + 2 * MINUTE, None, NOW),
        (NOW - MINUTE, NOW - 9 * MINUTE, NOW),
        (EARLIEST, None, EARLIEST),
        (EARLIEST - timedelta(seconds=1), None, NOW),
        (datetime.fromisoformat("0001-01-01T00:00:00+14:00"), None, NOW),
        (datetime.fromisoformat("0001-01-01T00:00:00+14:00"), NOW, NOW),
        (datetime.fromisoformat("9999-12-31T23:59:59-14:00"), None, NOW),
    ],
)
def test_the_senders_clock_is_corrected_and_what_can_not_be_is_not_believed(
    timestamp: datetime | None, sent_at: datetime | None, expected: datetime
) -> None:
    assert occurred_at(timestamp, sent_at, NOW) == expected


def test_the_consent_of_the_place_where_the_event_was_made_travels_with_it() -> None:
    context = {"consent": {"categoryPreferences": {"analytics": False, "marketing": "perhaps"}}}
    assert accepted(context=context).consented == {"analytics": False}
    assert accepted(context={"consent": "yes"}).consented == {}
