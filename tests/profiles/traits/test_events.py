"""Traits of identify events, as the worker applies them."""

import itertools
from datetime import datetime
from typing import Any

from profiles.crypto import Vault
from profiles.store import Store
from profiles.worker.apply import apply_events
from tests.profiles.conftest import DATA_KEY
from tests.profiles.traits.test_write import row, rows
from tests.profiles.worker.events import NOON, event

VAULT = Vault(DATA_KEY)


async def apply(store: Store, *events: Any) -> None:
    async with store.engine.begin() as connection:
        applied = await apply_events(connection, VAULT, events)
        await store.follow_up(connection, sorted(applied.customers), NOON, forget_stale=False)


async def test_what_an_identify_event_says_is_the_word_of_its_source(store: Store) -> None:
    await apply(store, event("m1", "identify", traits={"firstName": "Maria", "email": "maria@example.org"}))
    found = await row(store)
    assert found.first_name == "Maria"
    assert VAULT.open("C000001", "email", found.email) == "maria@example.org"
    kept = await rows(store, "SELECT source, at FROM profiles.traits")
    assert set(kept) == {("shop", NOON)}


async def test_when_somebody_signed_up_is_what_was_said_in_whatever_order_it_arrives(store: Store) -> None:
    events = [
        event("m1", minutes=5),
        event("m2", "identify", minutes=3, traits={"createdAt": "2024-05-06T07:08:09Z"}),
        event("m3", minutes=1),
    ]
    for number, order in enumerate(itertools.permutations(events)):
        customer = f"C{number}"
        for one in order:
            renamed = {"user_id": customer, "message_id": f"{customer}-{one.message_id}"}
            await apply(store, one.model_copy(update=renamed))
        assert (await row(store, customer)).signed_up_at == datetime.fromisoformat("2024-05-06T07:08:09Z")
