"""Links that are certain: logins, devices and e-mail addresses, in any order of arrival."""

import itertools
from typing import Any

import pytest
from sqlalchemy import text

from profiles.identity.candidates import find_candidates
from profiles.store import Store
from profiles.worker.chunks import Chunks
from tests.profiles.identity.states import person, wipe
from tests.profiles.worker.events import event


async def owners(store: Store) -> dict[str, str | None]:
    """Whose each event is."""
    async with store.engine.connect() as connection:
        rows = await connection.execute(text("SELECT message_id, customer_id FROM profiles.events"))
        return {row.message_id: row.customer_id for row in rows}


def identify(message_id: str, minutes: float, email: str | None = None, **ids: Any) -> Any:
    traits = {} if email is None else {"email": email}
    return event(message_id, "identify", minutes=minutes, traits=traits, **ids)


async def test_an_address_that_somebody_logged_in_with_tells_whose_a_device_is(
    store: Store, chunks: Chunks
) -> None:
    await chunks.apply([event("view", anonymous_id="tablet", minutes=1)])
    assert await owners(store) == {"view": None}
    await chunks.apply([identify("newsletter", 2, "Ann@Example.org", anonymous_id="tablet")])
    assert (await owners(store))["view"] is None
    await chunks.apply([identify("login", 3, "ann@example.org", user_id="U1", anonymous_id="phone")])
    assert await owners(store) == dict.fromkeys(["view", "newsletter", "login"], "U1")


async def test_a_login_counts_before_an_address(store: Store, chunks: Chunks) -> None:
    await chunks.apply(
        [
            identify("login-1", 1, "ann@example.org", user_id="U1"),
            identify("newsletter", 2, "ann@example.org", anonymous_id="tablet"),
            identify("login-2", 9, user_id="U2", anonymous_id="tablet"),
        ]
    )
    assert (await owners(store))["newsletter"] == "U2"


async def test_an_address_in_one_record_tells_too(store: Store, chunks: Chunks) -> None:
    await store.write([person("C1", email="ann@example.org")])
    await chunks.apply([identify("newsletter", 2, "ann@example.org", anonymous_id="tablet")])
    assert await owners(store) == {"newsletter": "C1"}


async def test_an_address_in_two_records_tells_nothing(store: Store, chunks: Chunks) -> None:
    await store.write([person(one, email="office@example.org") for one in ("C1", "C2")])
    await chunks.apply([identify("newsletter", 2, "office@example.org", anonymous_id="tablet")])
    assert await owners(store) == {"newsletter": None}


async def test_a_record_that_comes_later_is_found_by_the_batch(store: Store, chunks: Chunks) -> None:
    await chunks.apply([identify("newsletter", 2, "ann@example.org", anonymous_id="tablet")])
    await store.write([person("C1", email="ann@example.org")])
    await find_candidates(store, lambda _what, _share: None)
    assert await owners(store) == {"newsletter": "C1"}


@pytest.mark.parametrize("email", ["", "nobody", 7])
async def test_what_is_no_address_links_nothing(store: Store, chunks: Chunks, email: Any) -> None:
    await chunks.apply(
        [
            identify("login", 1, email, user_id="U1"),
            identify("visit", 2, email, anonymous_id="tablet"),
        ]
    )
    assert (await owners(store)).get("visit") is None


async def test_any_order_of_contradicting_links_gives_the_same(store: Store, chunks: Chunks) -> None:
    history = [
        identify("login-1", 5, "ann@example.org", user_id="U1", anonymous_id="phone"),
        identify("login-2", 3, "ann@example.org", user_id="U2"),
        identify("visit-1", 4, "ann@example.org", anonymous_id="tablet"),
        identify("visit-2", 2, "bo@example.org", anonymous_id="tablet"),
        identify("login-3", 6, "bo@example.org", user_id="U3"),
    ]
    expected = {"login-1": "U1", "login-2": "U2", "login-3": "U3", "visit-1": "U3", "visit-2": "U3"}
    for order in list(itertools.permutations(history))[::7]:
        await wipe(store)
        for one in order:
            await chunks.apply([one])
        assert await owners(store) == expected
