"""Consent that has expired counts for nothing wherever something is read, not only where it is shown."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from profiles.events.dead import DeadLetters
from profiles.protocol import stale_key, view_key
from profiles.records import ConsentStatement
from profiles.rights.analytics import copy, load
from profiles.rights.places import Surroundings
from profiles.store import Store
from profiles.worker.chunks import Chunks
from tests.profiles.conftest import days_ago, record
from tests.profiles.worker.events import event

NOW = datetime.now(UTC)


def consent(purpose: str, expires_at: datetime) -> ConsentStatement:
    return ConsentStatement.model_validate(
        {
            "purpose": purpose,
            "granted": True,
            "at": days_ago(30),
            "source": "form",
            "version": "1",
            "expires_at": expires_at,
        }
    )


async def given(store: Store, purpose: str, expires_at: datetime) -> None:
    """A customer whose only word about the purpose is a yes that ends then."""
    await store.write([record("C000001", consents=[consent(purpose, expires_at).model_dump()])])


@pytest.mark.parametrize("purpose", ["personalisation", "analytics", "training", "marketing"])
async def test_a_view_for_a_purpose_is_empty_once_its_consent_has_expired(store: Store, purpose: str) -> None:
    await given(store, purpose, NOW + timedelta(hours=1))
    assert (await store.view("C000001", purpose)).attributes != {}  # type: ignore[arg-type]
    await given(store, purpose, days_ago(1))
    expired = await store.view("C000001", purpose)  # type: ignore[arg-type]
    assert expired.attributes == {} and expired.consent[purpose] is False  # type: ignore[index]


async def test_copies_in_redis_do_not_outlive_it_not_the_stale_ones_either(
    store: Store, around: Surroundings
) -> None:
    await given(store, "personalisation", datetime.now(UTC) + timedelta(seconds=60))
    await store.view("C000001", "personalisation")
    for key in (view_key("C000001", "personalisation"), stale_key("C000001", "personalisation")):
        assert 0 < await around.redis.pttl(key) <= 60_000


async def test_events_for_its_purpose_are_not_kept(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await given(store, "analytics", days_ago(1))
    chunks = Chunks(store, store.vault, DeadLetters(around.redis, store.vault))
    await chunks.apply([event("1", event="Product Viewed"), event("2", event="Order Completed")])
    with psycopg.connect(customers_url) as connection:
        kept = connection.execute("SELECT name FROM profiles.events").fetchall()
    assert kept == [("Order Completed",)]


async def test_a_copy_for_analytics_leaves_them_out(
    store: Store, around: Surroundings, tmp_path: Path
) -> None:
    await given(store, "analytics", days_ago(1))
    report = await copy(store, around, tmp_path, load())
    assert (report["customers"], report["without_consent"]) == (1, 1)
