"""The latest statement about a purpose counts, until it expires."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.consent import in_force, next_change
from profiles.records import ConsentStatement

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def said(granted: bool, days: float, **more: Any) -> ConsentStatement:
    content = {
        "purpose": "marketing",
        "granted": granted,
        "source": "chat",
        "version": "1",
        "at": NOW + days * DAY,
    }
    return ConsentStatement.model_validate({**content, **more})


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([], False),
        ([said(True, -1)], True),
        ([said(False, -1), said(True, -2)], False),
        ([said(True, -1), said(False, -2)], True),
        ([said(True, -2, expires_at=NOW)], False),
        ([said(True, -2, expires_at=NOW + DAY)], True),
        # An expired consent does not bring an older one back.
        ([said(True, -9), said(True, -2, expires_at=NOW - DAY)], False),
        ([said(True, 1)], False),
    ],
)
def test_marketing_needs_a_statement_in_force(statements: list[ConsentStatement], allowed: bool) -> None:
    assert in_force(statements, NOW)["marketing"] is allowed


def test_service_needs_no_statement_but_a_refusal_counts() -> None:
    assert in_force([], NOW)["service"] is True
    assert in_force([said(False, -1, purpose="service")], NOW)["service"] is False


def test_a_view_is_valid_until_the_next_consent_begins_or_ends() -> None:
    statements = [
        said(True, -2, expires_at=NOW + DAY / 2),
        said(True, 0.25),
        said(True, -9, expires_at=NOW - DAY),
    ]
    assert next_change(statements, NOW) == NOW + DAY / 4
    assert next_change([], NOW) == NOW + DAY
