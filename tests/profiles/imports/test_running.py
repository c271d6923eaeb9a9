"""Files are brought in once, however often and however rudely that is begun."""

import csv
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from pyarrow import parquet

from profiles.imports.mapping import BadMapping
from profiles.imports.running import Importer, Outcome
from profiles.lake.files import events_of
from profiles.lake.lake import Lake
from profiles.store import Store
from tests.profiles.conftest import STATE, days_ago, environment, record
from tests.profiles.imports.test_building import FILES, MAPPINGS, mapping
from tests.profiles.lake.listed import days_in
from tests.profiles.traits.test_write import VAULT, row, rows


async def bring_in(
    store: Store, name: str, file: Path | None = None, *, dry_run: bool = False, **more: Any
) -> Outcome:
    path = file or next(FILES.glob(f"{name}.*"))
    lake = Lake(Path(STATE.name) / "lake" / "events", store.engine, store.vault)
    return await Importer(store, lake, path, mapping(name), **more).run(dry_run=dry_run, resume=False)


async def counts(store: Store) -> list[tuple[Any, ...]]:
    tables = ("customers", "events", "traits", "interactions", "daily_activity")
    each = [f"SELECT '{name}', count(*) FROM profiles.{name}" for name in tables]  # noqa: S608  (constants)
    return await rows(store, " UNION ALL ".join(each))


async def test_customers_orders_and_tickets_make_a_profile(store: Store) -> None:
    for name in ("shop_customers", "shop_orders", "helpdesk_tickets", "billing_accounts"):
        await bring_in(store, name)
    found = await row(store, "S-1001")
    assert (found.first_name, found.preferred_channel) == ("Priya", "email")
    assert VAULT.open("S-1001", "email", found.email) == "priya.raman@example.org"
    assert found.signed_up_at == datetime(2021, 4, 2, 9, 30, tzinfo=UTC)
    assert found.traits == {"invoice_customer": False}
    assert (found.attributes["orders_total"], found.attributes["spend_total"]) == (1, 149.0)
    assert (found.attributes["last_issue"], found.attributes["last_issue_outcome"]) == ("refund", "resolved")
    assert (await row(store, "S-1002")).traits == {"invoice_customer": True}


async def test_a_dry_run_says_what_would_be_and_changes_nothing(store: Store) -> None:
    before = await counts(store)
    tried = await bring_in(store, "shop_customers", dry_run=True)
    assert await counts(store) == before
    done = await bring_in(store, "shop_customers")
    assert (tried.added, tried.refused, tried.new_customers) == (done.added, done.refused, done.new_customers)
    assert (done.added, done.refused, done.new_customers) == (2, 4, {"S-1001", "S-1002"})


async def test_the_events_of_the_rows_rest_in_the_lake_too_but_not_those_that_somebody_refused(
    store: Store, tmp_path: Path
) -> None:
    said = {"source": "preference centre", "version": "1", "at": days_ago(1), "granted": False}
    await store.write([record("S-1002", consents=[{"purpose": "service", **said}])])
    lake = Lake(tmp_path / "lake", store.engine, store.vault)
    orders = Importer(store, lake, FILES / "shop_orders.jsonl", mapping("shop_orders"))
    await orders.run(dry_run=True, resume=False)
    assert await days_in(store.engine) == []
    done = await orders.run(dry_run=False, resume=False)
    again = await orders.run(dry_run=False, resume=False)
    assert (done.added, done.dropped, again.added) == (2, 1, 0)
    kept = events_of(await lake.of_people({"S-1001", "S-1002", "S-1003"}, set()))
    stored = await rows(store, "SELECT message_id, occurred_at FROM profiles.events ORDER BY 1")
    assert sorted((one.message_id, one.timestamp) for one in kept) == stored


async def test_the_same_file_again_changes_nothing(store: Store) -> None:
    await bring_in(store, "shop_orders")
    before = await counts(store)
    again = await bring_in(store, "shop_orders")
    assert (again.added, again.known, await counts(store)) == (0, 3, before)


async def test_a_later_file_of_the_same_customers_changes_them(store: Store, tmp_path: Path) -> None:
    first, second = (FILES / "billing_accounts.csv").read_text(), tmp_path / "billing_accounts.csv"
    await bring_in(store, "billing_accounts")
    second.write_text(first.replace("2026-08-14", "2026-09-14").replace(",invoice,", ",prepaid,"))
    changed = await bring_in(store, "billing_accounts", second)
    assert (changed.added, changed.known, changed.changed_customers) == (1, 1, {"S-1002"})
    assert (await row(store, "S-1002")).traits == {"invoice_customer": False}


async def test_members_as_parquet_as_of_a_day(store: Store, tmp_path: Path) -> None:
    members = {
        "card_number": [7000123],
        "shop_account": ["S-1001"],
        "forename": ["Priya"],
        "surname": [None],
        "email": ["priya@example.org"],
        "level": ["G"],
        "points": [1204],
        "joined": [datetime(2019, 5, 6, tzinfo=UTC).date()],
        "date_of_birth": ["1984-03-09"],
        "home_store": ["Leeds"],
    }
    file = tmp_path / "members.parquet"
    parquet.write_table(pa.table(members), file)
    with pytest.raises(BadMapping, match="--as-of"):
        await bring_in(store, "loyalty_members", file)
    done = await bring_in(store, "loyalty_members", file, as_of=datetime.now(UTC) - timedelta(days=1))
    found = await row(store, "S-1001")
    assert (done.added, found.tier) == (1, "gold")
    assert found.traits == {
        "loyalty_points": 1204,
        "loyalty_joined_on": "2019-05-06",
        "favourite_store": "Leeds",
    }


def test_killed_halfway_it_is_resumed_and_nothing_is_lost_or_twice(
    customers_url: str, redis_url: str, tmp_path: Path
) -> None:
    file, total = tmp_path / "accounts.csv", 6_000
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, sorted(mapping("billing_accounts").columns()))
        writer.writeheader()
        for number in range(total):
            account = {"debtor": f"D-{number}", "name": "Ltd", "terms": "invoice", "changed_on": "2026-08-14"}
            writer.writerow(account)
    command = [sys.executable, "-m", "profiles", "import", str(file)]
    command += ["--mapping", str(MAPPINGS / "billing_accounts.yml"), "--kind", "customers"]
    given = environment(customers_url, redis_url)

    killed = subprocess.Popen(command, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (done := imported(customers_url)) and killed.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    done = imported(customers_url)
    assert 0 < done < total

    result = subprocess.run([*command, "--resume"], env=given, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[:500] + result.stderr
    assert f"{total - done} rows" in result.stdout and f"{done} before them skipped" in result.stdout
    assert imported(customers_url) == total
    with psycopg.connect(customers_url) as connection:
        found = connection.execute(
            "SELECT count(*), count(DISTINCT customer_id) FROM profiles.traits WHERE name = 'last_name'"
        ).fetchone()
    assert found == (total, total)


def imported(url: str) -> int:
    """How many rows the note in the database says."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT rows FROM profiles.imports").fetchone()
    return 0 if found is None else int(found[0])
