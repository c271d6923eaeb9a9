"""Candidates: found by a batch, decided by people over HTTP."""

import csv
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from profiles.identity.candidates import LIKELY, SURE, find_candidates
from profiles.identity.unmerge import unmerge
from profiles.records import CustomerRecord
from profiles.store import Store
from tests.profiles.conftest import key
from tests.profiles.identity.states import person, state_of
from tests.profiles.linkage.test_files import CUSTOMERS
from tests.profiles.linkage.test_files import person as person_of

WORDS = {"Rapport-Actor": "sam", "Rapport-Reason": "ticket 7"}


def no_progress(_what: str, _share: float) -> None:
    """No progress is shown."""


def records() -> list[CustomerRecord]:
    """The made-up people of the shop as customers."""
    with CUSTOMERS.open(encoding="utf-8", newline="") as file:
        return [_record(row) for row in csv.DictReader(file)]


def _record(row: dict[str, str]) -> CustomerRecord:
    born = row["Date of birth"] and datetime.strptime(row["Date of birth"], "%d/%m/%Y").replace(tzinfo=UTC)
    return person(
        row["id"],
        first_name=row["First name"],
        last_name=row["Last name"],
        birth_date=born.date() if born else None,
        address={
            "line1": row["Address line 1"],
            "city": row["Town"],
            "postcode": row["Postcode"],
            "country": "GB",
        },
        phone=row["Mobile"] or None,
        email=row["E-mail address"] or None,
        interactions=[],
    )


async def rows(store: Store, sql: str) -> list[Any]:
    async with store.engine.connect() as connection:
        return list((await connection.execute(text(sql))).all())


async def propose(store: Store, probability: float = 0.7) -> int:
    """A candidate between A and B, of whom A signed up first."""
    await store.write([person("A", signed_up_at="2026-01-05T10:00:00Z"), person("B")])
    async with store.engine.begin() as connection:
        return int(
            await connection.scalar(
                text(
                    "INSERT INTO profiles.candidates (first_id, second_id, probability, explanation, reason) "
                    "VALUES ('A', 'B', :p, '{\"weights\": {}}', 'probability below 0.999') RETURNING candidate_id"
                ),
                {"p": probability},
            )
            or 0
        )


async def test_the_sure_are_merged_and_the_likely_proposed(store: Store) -> None:
    await store.write(records())
    untouched = await state_of(store)
    tried = await find_candidates(store, no_progress, dry_run=True)
    assert await state_of(store) == untouched

    found = await find_candidates(store, no_progress)
    assert len(found.merged) == len(tried.merged)
    assert len(found.merged) >= 25
    assert all(person_of(one.kept_id) == person_of(one.merged_id) for one in found.merged)
    families = {frozenset((person_of(one.older), person_of(one.younger))) for one in found.proposed}
    assert {frozenset(("P06", "P07")), frozenset(("P08", "P09"))} <= families
    assert all(LIKELY <= one.probability < SURE for one in found.proposed)
    stored = await rows(store, "SELECT explanation, reason FROM profiles.candidates")
    assert len(stored) == len(found.proposed)
    assert all("weights" in row.explanation and "probability" in row.reason for row in stored)

    again = await find_candidates(store, no_progress)
    assert again.merged == []


async def test_who_was_taken_apart_is_not_merged_again(store: Store) -> None:
    await store.write(records())
    found = await find_candidates(store, no_progress)
    await unmerge(store, found.merged[0].merge_id)
    pair = {found.merged[0].kept_id, found.merged[0].merged_id}
    again = await find_candidates(store, no_progress)
    assert [{one.kept_id, one.merged_id} for one in again.merged] == []
    assert pair not in [{one.older, one.younger} for one in again.proposed]


async def test_customers_who_allow_different_things_are_proposed_not_merged(store: Store) -> None:
    said = {
        "purpose": "marketing",
        "granted": True,
        "source": "till",
        "version": "1",
        "at": "2026-01-01T00:00:00Z",
    }
    everybody = records()
    changed = everybody[0].model_copy(update={"consents": person("x", consents=[said]).consents})
    await store.write([changed, *everybody[1:]])
    found = await find_candidates(store, no_progress)
    asked = [one for one in found.proposed if {one.older, one.younger} == {"P01-a", "P01-b"}]
    assert asked[0].why_asked is not None
    assert "allow different things" in asked[0].why_asked


async def test_nobody_to_compare(store: Store) -> None:
    found = await find_candidates(store, no_progress)
    assert (found.customers, found.merged, found.proposed) == (0, [], [])


async def test_agents_see_candidates_without_personal_values(store: Store, api: httpx.AsyncClient) -> None:
    number = await propose(store)
    answer = await api.get("/api/identity/candidates", headers=key("agent") | WORDS)
    assert answer.status_code == 200
    (one,) = answer.json()["candidates"]
    assert (one["candidate_id"], one["first_id"], one["second_id"]) == (number, "A", "B")
    assert answer.json()["next"] is None
    assert await rows(store, "SELECT 1 FROM profiles.audit WHERE what = 'candidate'") != []


async def test_pages_of_candidates(store: Store, api: httpx.AsyncClient) -> None:
    await store.write([person(one) for one in "ABCDE"])
    async with store.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO profiles.candidates (first_id, second_id, probability, explanation, reason) "
                "SELECT 'A', c, 0.5, '{}', 'likely' FROM unnest(ARRAY['B', 'C', 'D', 'E']) AS c"
            )
        )
    seen: list[str] = []
    cursor = None
    while True:
        parameters = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (
            await api.get("/api/identity/candidates", params=parameters, headers=key("agent") | WORDS)
        ).json()
        seen += [one["second_id"] for one in page["candidates"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == ["B", "C", "D", "E"]


async def test_a_candidate_is_accepted_and_taken_back(store: Store, api: httpx.AsyncClient) -> None:
    number = await propose(store)
    accepted = await api.post(f"/api/identity/candidates/{number}/accept", headers=key("agent") | WORDS)
    assert accepted.status_code == 200, accepted.text
    assert (accepted.json()["customer_id"], accepted.json()["merged_id"]) == ("A", "B")
    merge_id = accepted.json()["merge_id"]
    explained = await api.get("/api/customer/B/merges", headers=key("agent") | WORDS)
    assert [(one["merge_id"], one["why"]) for one in explained.json()] == [(merge_id, "ticket 7")]
    assert "sam" in explained.json()[0]["who"]
    undone = await api.post(f"/api/identity/merges/{merge_id}/undo", headers=key("agent") | WORDS)
    assert undone.json() == {"customer_ids": ["A", "B"]}
    assert (await api.get("/api/identity/candidates", headers=key("agent") | WORDS)).json()[
        "candidates"
    ] == []


async def test_a_rejected_candidate_is_gone(store: Store, api: httpx.AsyncClient) -> None:
    number = await propose(store)
    answer = await api.post(f"/api/identity/candidates/{number}/reject", headers=key("agent") | WORDS)
    assert answer.status_code == 200
    again = await api.post(f"/api/identity/candidates/{number}/accept", headers=key("agent") | WORDS)
    assert (again.status_code, again.json()["type"]) == (404, "unknown-candidate")
    assert await rows(store, "SELECT status, reason FROM profiles.candidates") == [("rejected", "ticket 7")]


async def test_a_consent_boundary_is_a_conflict(store: Store, api: httpx.AsyncClient) -> None:
    number = await propose(store)
    said = {
        "purpose": "marketing",
        "granted": True,
        "source": "till",
        "version": "1",
        "at": "2026-01-01T00:00:00Z",
    }
    await api.put("/api/customer/B/consent", json=said, headers=key("write"))
    await store.write([person("A")])
    answer = await api.post(f"/api/identity/candidates/{number}/accept", headers=key("agent") | WORDS)
    assert (answer.status_code, answer.json()["type"]) == (409, "cannot-merge")
    assert "marketing" in answer.json()["detail"]


async def test_a_record_of_a_merged_id_is_refused(store: Store, api: httpx.AsyncClient) -> None:
    number = await propose(store)
    await api.post(f"/api/identity/candidates/{number}/accept", headers=key("agent") | WORDS)
    body = person("B").model_dump(mode="json")
    answer = await api.put("/api/customer/B", json=body, headers=key("write"))
    assert (answer.status_code, answer.json()["type"]) == (409, "merged-away")


@pytest.mark.parametrize(
    ("path", "role", "headers", "status"),
    [
        ("candidates/1/accept", "write", WORDS, 403),
        ("candidates/1/accept", "agent", {}, 422),
        ("candidates/1/accept", "agent", WORDS, 404),
        ("candidates/0/reject", "agent", WORDS, 422),
        ("merges/9/undo", "agent", WORDS, 404),
    ],
)
async def test_who_may_decide(
    api: httpx.AsyncClient, path: str, role: str, headers: dict[str, str], status: int
) -> None:
    answer = await api.post(f"/api/identity/{path}", headers=key(role) | headers)
    assert answer.status_code == status


@pytest.mark.parametrize("cursor", ["x", "2:1", "nan:1", "0.5:", "0.5:-1", "0.5:99999999999999999999"])
async def test_a_cursor_that_no_page_gave(store: Store, api: httpx.AsyncClient, cursor: str) -> None:
    answer = await api.get(
        "/api/identity/candidates", params={"cursor": cursor}, headers=key("agent") | WORDS
    )
    assert (answer.status_code, answer.json()["type"]) == (422, "bad-cursor")


@pytest.mark.parametrize("path", ["", "/details", "/at-a-glance", "/interactions", "/history"])
async def test_whatever_people_look_at_of_a_merged_id_is_the_golden_record(
    store: Store, api: httpx.AsyncClient, path: str
) -> None:
    number = await propose(store)
    await api.post(f"/api/identity/candidates/{number}/accept", headers=key("agent") | WORDS)
    golden = await api.get(f"/api/customer/A{path}", headers=key("agent") | WORDS)
    merged = await api.get(f"/api/customer/B{path}", headers=key("agent") | WORDS)
    assert merged.status_code == 200, merged.text
    assert merged.json() == golden.json()
