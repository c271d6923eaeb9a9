"""Loading customers from a file, as the command does it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from profiles.bulk import BadRecord, load
from profiles.store import Store
from tests.profiles.conftest import days_ago, environment, record


def write_lines(file: Path, contents: list[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(content) + "\n" for content in contents))
    return file


def line(customer_id: str) -> dict[str, Any]:
    return record(customer_id).model_dump(mode="json")


def counts(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        row = connection.execute("""
            SELECT (SELECT count(*) FROM profiles.customers), (SELECT count(*) FROM profiles.consents),
                   (SELECT count(*) FROM profiles.interactions), (SELECT count(*) FROM profiles.memberships),
                   (SELECT count(*) FROM profiles.invalidations)
        """).fetchone()
    assert row is not None
    return dict(
        zip(("customers", "consents", "interactions", "memberships", "invalidations"), row, strict=True)
    )


def test_the_command_loads_a_file_and_loads_it_again(
    tmp_path: Path, customers_url: str, redis_url: str
) -> None:
    file = write_lines(tmp_path / "customers.jsonl", [line(f"C{i:06}") for i in range(600)])
    for _ in range(2):
        result = subprocess.run(
            [sys.executable, "-m", "profiles", "load", "--input", str(file)],
            env=environment(customers_url, redis_url),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stdout) == (0, "600 customers loaded\n"), result.stderr
        assert counts(customers_url) == {
            "customers": 600,
            "consents": 3000,
            "interactions": 600,
            "memberships": 600,
            "invalidations": 0,
        }


async def test_loading_again_replaces_the_facts_and_keeps_what_came_since(
    store: Store, tmp_path: Path
) -> None:
    await load(store, write_lines(tmp_path / "first.jsonl", [line("C000001")]))
    changed = {**line("C000001"), "tier": "silver", "interactions": []}
    changed["interactions"] = [
        {
            "interaction_id": "later",
            "channel": "email",
            "occurred_at": days_ago(1).isoformat(),
            "issue": "return",
        }
    ]
    await load(store, write_lines(tmp_path / "second.jsonl", [changed]))
    attributes = (await store.view("C000001", "personalisation")).attributes
    assert (attributes["tier"], attributes["last_issue"], attributes["tickets_90d"]) == (
        "silver",
        "return",
        1,
    )


async def test_a_bad_line_is_named_without_its_content(store: Store, tmp_path: Path) -> None:
    bad = {**line("C000002"), "email": 7, "tier": "platinum-secret"}
    file = write_lines(tmp_path / "customers.jsonl", [line("C000001"), bad])
    with pytest.raises(BadRecord, match=r"customers\.jsonl, line 2: email") as refusal:
        await load(store, file)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("RAPPORT_DATA_KEY", "c2hvcnQ=", "RAPPORT_DATA_KEY must be base64 of 32 bytes, not of 5"),
        ("DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/none", "the database can't be reached"),
        ("RAPPORT_PROFILES_KEYS", "actions:owner:s3cret-key", "entry 1 is not name:role:key"),
    ],
)
def test_an_unusable_setting_ends_the_service_with_one_line(
    customers_url: str, redis_url: str, setting: str, value: str, message: str
) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "profiles", "serve"],
        env={**environment(customers_url, redis_url), setting: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert "s3cret" not in result.stderr
