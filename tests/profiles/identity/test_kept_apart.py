"""Whom people keep apart stays apart, whatever else is merged and undone, until they decide otherwise."""

import asyncio

import httpx
import pytest
from sqlalchemy import text

from profiles.identity import candidates
from profiles.identity import merge as merging
from profiles.identity.candidates import Likely, find_candidates
from profiles.identity.merge import CannotMerge, KeptApart, Two, merge
from profiles.identity.review import NotKeptApart, accept, keep_apart, reconsider, reject
from profiles.identity.unmerge import unmerge
from profiles.rights import tombstones
from profiles.store import Store
from tests.profiles.conftest import key
from tests.profiles.identity.states import person
from tests.profiles.identity.test_review import WORDS, no_progress, propose


async def apart(store: Store, one: str, other: str) -> None:
    async with store.engine.begin() as connection:
        await keep_apart(connection, one, other)


async def pairs(store: Store) -> set[tuple[str, str, str]]:
    async with store.engine.connect() as connection:
        rows = await connection.execute(text("SELECT first_id, second_id, status FROM profiles.candidates"))
        return {(row.first_id, row.second_id, row.status) for row in rows}


async def test_who_is_kept_apart_is_not_merged(store: Store) -> None:
    await store.write([person(one) for one in "AB"])
    await apart(store, "B", "A")
    with pytest.raises(KeptApart, match="A and B are two: somebody has said so"):
        await merge(store, Two("A", "B"), {})


async def test_nor_are_those_of_whom_they_have_become_a_part(store: Store) -> None:
    await store.write([person(one) for one in "ABCDE"])
    await apart(store, "B", "C")
    await merge(store, Two("A", "B"), {})
    for two in (Two("A", "C"), Two("C", "A")):
        with pytest.raises(KeptApart, match="B and C"):
            await merge(store, two, {})
    await merge(store, Two("D", "C"), {})
    await merge(store, Two("E", "D"), {})
    with pytest.raises(KeptApart, match="B and C"):
        await merge(store, Two("A", "E"), {})


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_what_was_decided_comes_back_when_the_merges_of_both_are_undone(
    store: Store, order: tuple[int, int]
) -> None:
    await store.write([person(one) for one in "ABCD"])
    await apart(store, "B", "C")
    before = await pairs(store)
    merges = [(await merge(store, Two(kept, one), {})).merge_id for kept, one in (("A", "B"), ("D", "C"))]
    first = Two("B", "D") if order[0] == 0 else Two("A", "C")
    for at, two in zip(order, (first, Two("B", "C")), strict=True):
        await unmerge(store, merges[at])
        with pytest.raises(KeptApart, match="B and C"):
            await merge(store, two, {})
    assert before <= await pairs(store)


async def test_who_was_taken_apart_stays_so_when_a_later_merge_is_undone_too(store: Store) -> None:
    await store.write([person(one) for one in "ABD"])
    first = await merge(store, Two("A", "B"), {})
    second = await merge(store, Two("D", "A"), {})
    done = await unmerge(store, first.merge_id)
    with pytest.raises(KeptApart, match="A and B"):
        await merge(store, Two("D", "B"), {})
    await unmerge(store, done.again[second.merge_id])
    with pytest.raises(KeptApart, match="A and B"):
        await merge(store, Two("A", "B"), {})


async def test_a_batch_does_not_merge_them_over_a_third_nor_propose_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.write([person(one) for one in "ABC"])
    await apart(store, "A", "C")
    sure = [Likely("A", "B", 0.9999, {}, None), Likely("B", "C", 0.9999, {}, None)]
    monkeypatch.setattr(candidates, "_pairs", lambda _records, _progress: sure)
    monkeypatch.setattr(candidates, "_likely", lambda _records, pair: pair)
    found = await find_candidates(store, no_progress)
    assert [(one.kept_id, one.merged_id) for one in found.merged] == [("A", "B")]
    assert found.proposed == []
    again = await find_candidates(store, no_progress)
    assert (again.merged, again.proposed) == ([], [])


async def test_who_accepts_what_is_being_rejected_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await propose(store)
    real = merging.merge_within

    async def after_a_rejection(*given: object) -> object:
        await reject(store, number)
        return await real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(merging, "merge_within", after_a_rejection)
    with pytest.raises(KeptApart):
        await accept(store, number)


async def test_nobody_rejects_what_is_being_merged(store: Store) -> None:
    number = await propose(store)
    async with store.engine.connect() as connection:
        await merging.merge_within(connection, store, Two("A", "B"), {})
        rejecting = asyncio.create_task(reject(store, number))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(rejecting), 0.2)
        await connection.rollback()
    await rejecting
    assert await pairs(store) == {("A", "B", "rejected")}


async def test_a_rejection_that_is_taken_back_is_proposed_as_before_and_audited(
    store: Store, api: httpx.AsyncClient
) -> None:
    number = await propose(store)
    url, agent = f"/api/identity/candidates/{number}", key("agent") | WORDS
    assert (await api.post(f"{url}/reconsider", headers=agent)).status_code == 404, "nobody has rejected it"
    await api.post(f"{url}/reject", headers=agent)
    assert (await api.post(f"{url}/reconsider", headers=key("agent"))).status_code == 422
    taken_back = await api.post(f"{url}/reconsider", headers=agent)
    assert taken_back.json() == {"first_id": "A", "second_id": "B"}
    [again] = (await api.get("/api/identity/candidates", headers=agent)).json()["candidates"]
    assert (again["candidate_id"], again["probability"]) == (number, 0.7)
    assert again["reason"] == "it was taken back that they are two"
    async with store.engine.connect() as connection:
        query = text("SELECT customer_pseudonym, why FROM profiles.audit WHERE what = 'no longer kept apart'")
        noted = {tuple(row) for row in await connection.execute(query)}
    assert noted == {(store.vault.pseudonym(one), "ticket 7") for one in "AB"}
    assert (await api.post(f"{url}/accept", headers=agent)).status_code == 200


async def test_so_is_what_follows_from_an_unmerge_and_rests_with_another_merge(store: Store) -> None:
    await store.write([person(one) for one in "ABC"])
    await unmerge(store, (await merge(store, Two("A", "B"), {})).merge_id)
    into_c = await merge(store, Two("C", "B"), {})
    with pytest.raises(KeptApart, match="A and B"):
        await merge(store, Two("A", "C"), {})
    await reconsider(store, "B", "A")
    with pytest.raises(NotKeptApart):
        await reconsider(store, "B", "A")
    await unmerge(store, into_c.merge_id)
    assert ("A", "B", "rejected") not in await pairs(store)
    await merge(store, Two("A", "B"), {})


async def test_who_only_proposes_merges_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.write([person(one) for one in "ABC"])
    sure = [Likely("A", "B", 0.9999, {}, None), Likely("B", "C", 0.5, {}, "probability below 0.999")]
    monkeypatch.setattr(candidates, "_pairs", lambda _records, _progress: sure)
    monkeypatch.setattr(candidates, "_likely", lambda _records, pair: pair)
    found = await find_candidates(store, no_progress, propose_only=True)
    assert found.merged == []
    assert await pairs(store) == {("A", "B", "open"), ("B", "C", "open")}


@pytest.mark.parametrize("erased", ["A", "B"])
async def test_who_is_being_erased_is_not_merged(store: Store, erased: str) -> None:
    await store.write([person(one) for one in "AB"])
    async with store.engine.begin() as connection:
        await tombstones.put(connection, store.vault, [erased])
    with pytest.raises(CannotMerge, match=f"{erased} is being erased"):
        await merge(store, Two("A", "B"), {})
