"""Erasing a person leaves nothing of them anywhere, and nothing of anybody else is touched."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from profiles.crypto import Vault
from profiles.events.dead import DeadLetters
from profiles.events.envelope import dump
from profiles.events.sealed_entries import seal_entry
from profiles.events.stream import EVENTS
from profiles.identity.merge import Two, merge
from profiles.identity.review import keep_apart
from profiles.lake.lake import Lake
from profiles.rights import erasure, jobs
from profiles.rights.places import Surroundings
from profiles.rights.walk import identify, places
from profiles.security.keyring import DatabaseKeys, KeyRing
from profiles.store import Store
from profiles.worker.chunks import Chunks
from tests.profiles.conftest import DATA_KEY, environment, record
from tests.profiles.rights.conftest import BORIS, NOW, WILHELMINA, fill, found, found_in_tables
from tests.profiles.worker.events import event


async def shown(around: Surroundings, customer_id: str) -> dict[str, Any]:
    """Everything of a customer, by store."""
    async with around.engine.connect() as connection:
        identifiers = await identify(connection, around, customer_id)
    return {place.title: await place.show(identifiers) for place in places(around)}


async def test_nothing_of_an_erased_person_is_left_in_any_table_redis_or_file(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await fill(WILHELMINA, store, around, customers_url)
    before = await found(around, customers_url, WILHELMINA.needles)
    assert len({place.split(":")[0] for place in before}) > 20, "there is something to be erased"

    certificate = await erasure.erase(around, WILHELMINA.customer_id)

    assert await found(around, customers_url, WILHELMINA.needles) == []
    assert certificate["pseudonym"] == around.vault.pseudonym(WILHELMINA.customer_id)
    assert certificate["left"] == 0 and certificate["walks"] == 1
    assert certificate["erased"]["chat.events"] == 1


async def test_of_another_person_everything_is_as_it_was(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await fill(WILHELMINA, store, around, customers_url)
    await fill(BORIS, store, around, customers_url)
    before = await shown(around, BORIS.customer_id)
    assert [title for title, rows in before.items() if not rows] == [
        "shop.refunds",
        "profiles.candidates",
        "profiles.merged_rows",
        "profiles.aliases",
        "profiles.merges",
        "profiles.email_visits",
        "profiles.imputations",
        "profiles.invalidations",
        "profiles.clients",
        "profiles.rights_jobs, exports",
        "profiles.rights_jobs",
        "profiles.tombstones",
    ]

    await erasure.erase(around, WILHELMINA.customer_id)

    after = await shown(around, BORIS.customer_id)
    # What was on its way to the audit log has arrived there.
    [read] = before.pop("Redis, reads on their way to the audit log")
    assert after.pop("Redis, reads on their way to the audit log") == []
    *noted, arrived = after.pop("profiles.audit")
    assert noted == before.pop("profiles.audit")
    assert arrived["what"] == "view (cache)" and arrived["why"] == f"purpose {read['purpose']}"
    assert after == before


async def test_what_others_said_of_an_erased_person_goes_too_and_is_not_shown_to_them(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await store.write([record(one) for one in ("C0GONE", "C0OTHERS", "C0THIRD")])
    said = [
        event("gone-1", "identify", minutes=-5, anonymous_id="browser-of-gone", user_id="C0GONE"),
        event("said", "alias", user_id="C0OTHERS", previous_id="C0GONE"),
        event("said-too", "alias", user_id="C0OTHERS", previous_id="browser-of-gone"),
    ]
    await Chunks(store, store.vault, DeadLetters(around.redis, store.vault)).apply(said)
    await Lake(around.state / "lake" / "events", around.engine, around.vault).add(said, "1-0_1-0")
    await around.redis.xadd(EVENTS, {"__data__": seal_entry(store.vault, dump(said))})
    async with around.engine.begin() as connection:
        await keep_apart(connection, "C0GONE", "C0OTHERS")
    await merge(store, Two("C0THIRD", "C0OTHERS"), {})
    assert "C0OTHERS" not in json.dumps(await shown(around, "C0GONE"))

    await erasure.erase(around, "C0GONE")

    assert await found(around, customers_url, ["C0GONE", "browser-of-gone"]) == []


async def test_the_books_are_kept_under_a_pseudonym_and_say_why(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await fill(WILHELMINA, store, around, customers_url)
    certificate = await erasure.erase(around, WILHELMINA.customer_id)

    pseudonym = around.vault.pseudonym(WILHELMINA.customer_id)
    with psycopg.connect(customers_url) as connection:
        orders = connection.execute(
            "SELECT order_id, customer_id, total, sealed_address FROM shop.orders"
        ).fetchall()
        [who] = connection.execute("SELECT customer_id, reason FROM chat.audit").fetchall()
    assert orders == [(WILHELMINA.order_id, pseudonym, 49, None)]
    assert who == (pseudonym, "of an erased customer")
    assert certificate["kept"]["shop.payments"]["rows"] == 1
    assert "six years" in certificate["kept"]["shop.payments"]["because"]


async def test_what_trainers_have_learnt_is_marked(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await fill(WILHELMINA, store, around, customers_url)
    await erasure.erase(around, WILHELMINA.customer_id)
    with psycopg.connect(customers_url) as connection:
        reviews = connection.execute("SELECT text, utterances, comment FROM training.reviews").fetchall()
    assert reviews == [("[erased]", [], "the customer was erased")]


async def test_a_second_erasure_walks_all_stores_again_and_finds_what_came_in_between(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await fill(WILHELMINA, store, around, customers_url)
    await erasure.erase(around, WILHELMINA.customer_id)
    with psycopg.connect(customers_url) as connection:
        connection.execute(
            "INSERT INTO shop.events (customer_id, at, kind) VALUES (%s, %s, 'login')",
            [WILHELMINA.customer_id, NOW],
        )

    certificate = await erasure.erase(around, WILHELMINA.customer_id)

    assert certificate["erased"] == {"shop.events": 1}
    assert await found(around, customers_url, WILHELMINA.needles) == []


async def test_a_dry_run_counts_and_changes_nothing(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await fill(WILHELMINA, store, around, customers_url)
    before = await shown(around, WILHELMINA.customer_id)
    planned = await erasure.plan(around, WILHELMINA.customer_id)
    assert await shown(around, WILHELMINA.customer_id) == before
    assert planned["shop.orders"] == 1 and planned["the lake"] == 3


async def test_one_process_at_a_time_works_on_a_job(around: Surroundings) -> None:
    job_id = await jobs.ask(around.engine, around.vault, "erasure", WILHELMINA.customer_id)
    async with jobs.hold(around.engine, job_id):
        with pytest.raises(jobs.UnderWay):
            await erasure.erase(around, WILHELMINA.customer_id)


async def test_asking_twice_is_one_job(around: Surroundings) -> None:
    first = await jobs.ask(around.engine, around.vault, "erasure", WILHELMINA.customer_id)
    assert await jobs.ask(around.engine, around.vault, "erasure", WILHELMINA.customer_id) == first
    assert await jobs.ask(around.engine, around.vault, "export", WILHELMINA.customer_id) != first


async def test_entries_of_the_agents_log_change_in_no_other_way(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await fill(WILHELMINA, store, around, customers_url)
    for change in ("SET who = 'nobody'", "SET customer_id = 'C0STAYS01'", "SET customer_id = NULL"):
        with psycopg.connect(customers_url) as connection, pytest.raises(psycopg.errors.RaiseException):
            connection.execute("SELECT set_config('rapport.erasing', 'on', true)")
            connection.execute(f"UPDATE chat.audit {change}")
    with psycopg.connect(customers_url) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute("UPDATE chat.audit SET customer_id = repeat('a', 24)")


async def test_killed_in_the_middle_it_goes_on_from_the_beginning_when_it_is_run_again(
    store: Store, around: Surroundings, customers_url: str, redis_url: str
) -> None:
    await fill(WILHELMINA, store, around, customers_url)
    command = [sys.executable, "-m", "profiles", "erase", WILHELMINA.customer_id]
    given = environment(customers_url, redis_url, RAPPORT_STATE=str(around.state))
    with psycopg.connect(customers_url) as connection:
        # The job waits here, after the conversations and before the orders.
        connection.execute("SELECT FROM shop.orders FOR UPDATE")
        process = subprocess.Popen(  # noqa: ASYNC220  (nothing else runs meanwhile)
            command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        _until(
            customers_url,
            "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%shop.orders%%'",
        )
        process.send_signal(signal.SIGKILL)
        process.communicate()
    left = found_in_tables(customers_url, WILHELMINA.needles)
    assert "profiles.customers: C0ERASE77" in left and "chat.events: Quirke" not in left
    with psycopg.connect(customers_url) as connection:
        # Comes in between, where the first walk has been already.
        connection.execute(
            "INSERT INTO chat.conversations (id, customer_id) VALUES (gen_random_uuid(), %s)",
            [WILHELMINA.customer_id],
        )

    done = subprocess.run(  # noqa: ASYNC221
        command, env=given, capture_output=True, check=False, text=True
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["walks"] == 2
    # The command has sealed with keys of the database.
    ring = KeyRing(DatabaseKeys(customers_url, DATA_KEY, "fields"))
    around = replace(around, vault=Vault(DATA_KEY, ring))
    assert await found(around, customers_url, WILHELMINA.needles) == []


def _until(url: str, query: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(600):
            if connection.execute(query).fetchone() is not None:
                return
            time.sleep(0.05)
    raise AssertionError("it never came so far")
