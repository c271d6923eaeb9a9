"""What a browser may say."""

from typing import Any

import pytest

from tests.web.collect.browsing import said
from web.collect.messages import BrowserBatch, sort_out


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
    ],
)
def test_a_bad_event_is_named_with_what_is_wrong_with_it(wrong: dict[str, Any], named: str) -> None:
    good, bad = sort_out(BrowserBatch(batch=[said(), said(**wrong), said(type="page", event=None)]))
    assert list(good) == [0, 2]
    assert [event.index for event in bad] == [1]
    assert named in bad[0].detail
