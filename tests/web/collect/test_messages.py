"""What a browser may say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.web.collect.browsing import said
from web.collect.messages import DEEPEST, BrowserBatch, sort_out

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def nested(depth: int) -> dict[str, Any]:
    document: Any = 1
    for _ in range(depth):
        document = {"x": document}
    return dict(document)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"event": "Order Completed"}, "event"),
        ({"event": None}, "event"),
        ({"type": "alias"}, "type"),
        ({"type": "group"}, "type"),
        ({"messageId": None}, "messageId"),
        ({"anonymousId": "two words"}, "anonymousId"),
        ({"context": {}}, "consent"),
        ({"context": {"consent": {"categoryPreferences": {"analytics": False}}}}, "analytics"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"properties": ["a", "list"]}, "properties"),
        ({"properties": nested(DEEPEST + 1)}, "nested too deeply"),
        ({"properties": {"of": [nested(DEEPEST)]}}, "nested too deeply"),
        ({"messageId": "x" * 97}, "messageId"),
        ({"timestamp": "1970-01-01T00:00:00Z"}, "older than 30 days"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "older than 30 days"),
    ],
)
def test_a_bad_event_is_named_with_what_is_wrong_with_it(wrong: dict[str, Any], named: str) -> None:
    good, bad = sort_out(BrowserBatch(batch=[said(), said(**wrong), said(type="page", event=None)]))
    assert list(good) == [0, 2]
    assert [event.index for event in bad] == [1]
    assert named in bad[0].detail


def test_what_waited_in_an_offline_browser_is_taken_by_that_browsers_clock() -> None:
    """A clock that is years off is no reason to refuse, and one set to the future no way around it."""
    waited = said(timestamp=(NOW - timedelta(days=29)).isoformat(), properties=nested(DEEPEST))
    too_old = said(timestamp=(NOW - timedelta(days=31)).isoformat())
    good, bad = sort_out(BrowserBatch(batch=[waited, too_old], sent_at=NOW))
    assert (list(good), [event.index for event in bad]) == ([0], [1])


def test_an_id_gets_the_namespace_once() -> None:
    good, _ = sort_out(BrowserBatch(batch=[said(anonymousId="a"), said(anonymousId="web-a")]))
    assert [event.anonymous_id for event in good.values()] == ["web-a", "web-a"]
