"""A person gets everything that is known of them, opened, as JSON and as a page that everybody can read."""

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import psycopg
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from profiles.identity.merge import Two, merge
from profiles.identity.unmerge import unmerge
from profiles.rights import jobs
from profiles.rights.export import NobodyKnown, export
from profiles.rights.page import page
from profiles.rights.places import Surroundings
from profiles.store import Store
from tests.browser import browser, chromium_path  # noqa: F401 - fixtures
from tests.profiles.conftest import environment, record
from tests.profiles.rights.conftest import BORIS, WILHELMINA, fill


def rows(document: dict[str, Any], store: str) -> list[dict[str, Any]]:
    [found] = [one["rows"] for one in document["stores"] if one["store"] == store]
    return list(found)


@pytest.fixture
async def document(store: Store, around: Surroundings, customers_url: str) -> dict[str, Any]:
    await fill(WILHELMINA, store, around, customers_url)
    await fill(BORIS, store, around, customers_url)
    return await export(around, WILHELMINA.customer_id)


async def test_sealed_fields_are_opened_those_of_the_shop_too(document: dict[str, Any]) -> None:
    [profile] = rows(document, "profiles.customers")
    assert (profile["last_name"], profile["email"]) == (WILHELMINA.last_name, WILHELMINA.email)
    assert profile["address"]["line1"] == "7 Kestrel Row"
    [account] = rows(document, "shop.accounts")
    assert account["sealed_name"] == "Wilhelmina Quirke"
    [mail] = rows(document, "shop.outbox")
    assert mail["sealed_message"]["to"] == WILHELMINA.email
    emails = [said["sealed"] for said in rows(document, "profiles.traits") if said["name"] == "email"]
    assert WILHELMINA.email in emails
    identified = [one for one in rows(document, "profiles.events") if one["kind"] == "identify"]
    assert identified[0]["document"]["traits"]["email"] == WILHELMINA.email


async def test_conversations_redis_the_lake_and_logs_are_in_it(document: dict[str, Any]) -> None:
    assert rows(document, "chat.events")[0]["payload"]["text"].startswith("I'm Wilhelmina")
    assert len(rows(document, "the lake")) == 3
    assert {row["key"].split(":")[0] for row in rows(document, "Redis, trackers of conversations")} == {
        "tracker",
        "turn",
    }
    assert [row["file"] for row in rows(document, "logs")] == ["actions.log"]


async def test_nothing_of_other_people_is_in_it(document: dict[str, Any]) -> None:
    whole = json.dumps(document)
    for told in (*BORIS.needles[:-1], "C0OTHERS", '"staff_id"', "email_index"):
        assert told not in whole, told


async def test_records_under_merged_ids_are_included(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await store.write([record("C0KEPT"), record("C0OTHER")])
    with psycopg.connect(customers_url) as connection:
        [merge] = connection.execute(
            "INSERT INTO profiles.merges (customer_id, kept_id, merged_id, who, why, explanation) "
            "VALUES ('C0KEPT', 'C0KEPT', 'C0MERGED', 'anna', 'one person', '{}') RETURNING merge_id"
        ).fetchone() or (0,)
        connection.execute("INSERT INTO profiles.aliases VALUES ('C0MERGED', 'C0KEPT', %s)", [merge])
        connection.execute("INSERT INTO shop.customers VALUES ('C0MERGED', 'x')")
    for asked in ("C0KEPT", "C0MERGED"):
        document = await export(around, asked)
        assert (document["customer_id"], document["also_known_as"]) == ("C0KEPT", ["C0MERGED"])
        assert [row["customer_id"] for row in rows(document, "shop.customers")] == ["C0MERGED"]


async def test_what_was_exported_of_two_as_one_can_not_be_fetched_when_they_are_two_again(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await store.write([record(one) for one in ("C0KEPT", "C0MERGED", "C0THIRD")])
    for one in ("C0KEPT", "C0THIRD"):
        await export(around, one)
    done = await merge(store, Two("C0KEPT", "C0MERGED"), {})
    assert (await export(around, "C0MERGED"))["also_known_as"] == ["C0MERGED"]
    begun = await jobs.ask(around.engine, around.vault, "export", "C0KEPT")
    assert await jobs.begin_walk(around.engine, around.vault, begun, 1)
    await unmerge(store, done.merge_id)
    with psycopg.connect(customers_url) as connection:
        rows = connection.execute(
            "SELECT state, document IS NULL FROM profiles.rights_jobs ORDER BY asked_at"
        ).fetchall()
    assert rows == [("done", False), ("done", False), ("done", True), ("waiting", True)]
    assert (await export(around, "C0KEPT"))["also_known_as"] == []


async def test_of_somebody_unknown_there_is_none(around: Surroundings) -> None:
    with pytest.raises(NobodyKnown):
        await export(around, "C0NOBODY")


class Outline(HTMLParser):
    """What assistive software goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


async def test_the_page_has_language_headings_captions_and_links_that_lead_somewhere(
    document: dict[str, Any],
) -> None:
    outline = Outline()
    outline.feed(page(document))
    ids = {attributes["id"] for _, attributes in outline.found if "id" in attributes}
    assert outline.all("html") == [{"lang": "en-GB"}]
    assert len(outline.all("h1")) == 1 and len(outline.all("main")) == 1
    tables = len(outline.all("table"))
    assert tables > 20 and len(outline.all("caption")) == tables
    assert all(heading.get("scope") == "col" for heading in outline.all("th"))
    links = [attributes["href"] or "" for attributes in outline.all("a")]
    assert len(links) == tables and {link.removeprefix("#") for link in links} <= ids
    assert not outline.all("script") and not outline.all("img")


async def test_axe_finds_nothing_wrong_with_the_page(
    browser: Browser,  # noqa: F811
    document: dict[str, Any],
) -> None:
    opened = await browser.new_page()
    await opened.set_content(page(document))
    results = (await Axe().run(opened)).response
    assert [f"{item['id']}: {item['nodes'][0]['html']}" for item in results["violations"]] == []


def test_what_people_have_written_is_no_markup_of_the_page() -> None:
    said = {"store": "notes", "about": "Notes", "rows": [{"text": "<script>alert(1)</script>"}]}
    content = page({"customer_id": "C1", "also_known_as": [], "exported_at": "2026-11-22", "stores": [said]})
    assert "<script>" not in content and "&lt;script&gt;" in content


async def test_the_command_writes_both_files_for_their_owner_only(
    store: Store, around: Surroundings, customers_url: str, redis_url: str, tmp_path: Path
) -> None:
    await fill(WILHELMINA, store, around, customers_url)
    out = tmp_path / "export"
    command = [sys.executable, "-m", "profiles", "export", WILHELMINA.customer_id, "--out", str(out)]
    given = environment(customers_url, redis_url, RAPPORT_STATE=str(around.state))
    done = subprocess.run(  # noqa: ASYNC221  (nothing else runs meanwhile)
        command, env=given, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    assert WILHELMINA.email in (out / "export.json").read_text()
    assert WILHELMINA.email in (out / "export.html").read_text()
    assert {file.stat().st_mode & 0o777 for file in out.iterdir()} == {0o600}
