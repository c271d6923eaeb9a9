"""What comes after an erasure: late events are dropped, old files leave the person out."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg
import pytest

from profiles.events.dead import DeadLetters
from profiles.rights import erasure, tombstones
from profiles.rights.places import Surroundings
from profiles.store import Store
from profiles.worker.chunks import Chunks
from tests.profiles.conftest import environment, key, record
from tests.profiles.imports.test_running import bring_in
from tests.profiles.rights.conftest import BORIS, WILHELMINA, fill, found_in_tables
from tests.profiles.worker.events import event


@pytest.fixture
async def erased(store: Store, around: Surroundings, customers_url: str) -> None:
    await fill(WILHELMINA, store, around, customers_url)
    await erasure.erase(around, WILHELMINA.customer_id)


@pytest.mark.usefixtures("erased")
async def test_late_events_of_an_erased_person_are_dropped_and_those_of_others_kept(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    chunks = Chunks(store, store.vault, DeadLetters(around.redis, store.vault))
    await chunks.apply(
        [
            event("late-1", user_id=WILHELMINA.customer_id),
            event("late-2", anonymous_id=WILHELMINA.device),
            event("late-3", "alias", user_id="C0OTHERS", previous_id=WILHELMINA.device),
            event("late-4", user_id=BORIS.customer_id, anonymous_id=WILHELMINA.device),
        ]
    )
    with psycopg.connect(customers_url) as connection:
        kept = connection.execute("SELECT message_id FROM profiles.events").fetchall()
    assert kept == [("late-4",)]
    assert chunks.counts.dropped == 3
    assert found_in_tables(customers_url, [WILHELMINA.customer_id]) == []


@pytest.mark.usefixtures("erased")
async def test_the_api_does_not_add_an_erased_customer_again(api: httpx.AsyncClient) -> None:
    body = record(WILHELMINA.customer_id).model_dump(mode="json")
    answer = await api.put(f"/api/customer/{WILHELMINA.customer_id}", json=body, headers=key("write"))
    assert (answer.status_code, answer.json()["type"]) == (409, "erased-customer")


@pytest.mark.usefixtures("erased")
async def test_a_file_that_names_an_erased_customer_leaves_them_out_until_they_want_to_come_back(
    tmp_path: Path, customers_url: str, redis_url: str
) -> None:
    file = tmp_path / "customers.jsonl"
    file.write_text(
        "\n".join(
            json.dumps(record(one).model_dump(mode="json"))
            for one in (WILHELMINA.customer_id, BORIS.customer_id)
        )
    )

    def load(*more: str) -> str:
        command = [sys.executable, "-m", "profiles", "load", "--input", str(file), *more]
        given = environment(customers_url, redis_url)
        done = subprocess.run(command, env=given, capture_output=True, check=True, text=True)
        return done.stdout

    assert "1 customers loaded\n1 left out: erased at their wish" in load()
    assert found_in_tables(customers_url, [WILHELMINA.customer_id]) == []
    assert load("--bring-back") == "2 customers loaded\n"
    assert "profiles.customers: C0ERASE77" in found_in_tables(customers_url, [WILHELMINA.customer_id])


async def test_an_imported_file_too(store: Store, around: Surroundings) -> None:
    await erasure.erase(around, "S-1001")
    asked = await bring_in(store, "shop_customers")
    assert (asked.erased, asked.new_customers, asked.added) == ({"S-1001"}, {"S-1002"}, 1)
    back = await bring_in(store, "shop_customers", bring_back=True)
    assert (back.erased, back.new_customers, back.added) == (set(), {"S-1001"}, 1)


async def test_a_writer_that_is_under_way_is_waited_for(store: Store, around: Surroundings) -> None:
    async with around.engine.connect() as writer:
        await tombstones.require_none_erased(writer, around.vault, [WILHELMINA.customer_id])
        async with around.engine.connect() as other:
            free = await other.scalar(
                tombstones.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": tombstones.WRITERS_LOCK}
            )
        assert free is False
        await writer.rollback()
    async with around.engine.begin() as connection:
        await tombstones.put(connection, around.vault, [WILHELMINA.customer_id])
    with pytest.raises(tombstones.ErasedCustomers):
        await store.write([record(WILHELMINA.customer_id)])
