"""Merging two customers moves all rows, and undoing it is the identity, whatever came in between."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import text

from profiles.events.envelope import Event
from profiles.identity.merge import LARGEST_CLUSTER, CannotMerge, Two, merge
from profiles.identity.unmerge import UnknownMerge, unmerge
from profiles.protocol import UnknownCustomer
from profiles.records import ConsentStatement
from profiles.store import Store
from profiles.worker.chunks import Chunks
from tests.profiles.conftest import days_ago
from tests.profiles.identity.states import person, state_of, wipe, without_times_of_work
from tests.profiles.worker.events import event
from tests.profiles.worker.test_any_order import histories

FIRST, SECOND, THIRD = "U1", "U2", "U3"
LIKELY = {"links": ["the same e-mail address"], "weights": {"email": 11.2}}


async def values(store: Store, sql: str) -> list[Any]:
    async with store.engine.connect() as connection:
        return list((await connection.scalars(text(sql))).all())


def known(*customers: str) -> list[Event]:
    """Events that make customers known, one with a device and an address each."""
    return [
        event(
            f"known-{one}",
            "identify",
            minutes=number,
            user_id=one,
            anonymous_id=f"device-{one}",
            traits={"email": f"{one.lower()}@example.org", "firstName": one},
        )
        for number, one in enumerate(customers)
    ]


def numbered(history: list[dict[str, Any]], name: str) -> list[Event]:
    return [event(f"{name}-{at}", **fields) for at, fields in enumerate(history)]


@settings(
    max_examples=12,
    deadline=None,
    # To make an example smaller would take minutes.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(before=histories(), between=histories())
async def test_merge_then_unmerge_is_the_identity_whatever_came_in_between(
    store: Store, chunks: Chunks, before: list[dict[str, Any]], between: list[dict[str, Any]]
) -> None:
    earlier, later = known(FIRST, SECOND) + numbered(before, "before"), numbered(between, "between")
    await wipe(store)
    await chunks.apply(earlier)
    await chunks.apply(later)
    never_merged = await state_of(store)

    await wipe(store)
    await chunks.apply(earlier)
    untouched = await state_of(store)
    first = await merge(store, Two(FIRST, SECOND), LIKELY)
    await unmerge(store, first.merge_id)
    assert await state_of(store) == untouched

    async with store.engine.begin() as connection:
        # They were taken apart for good.
        await connection.execute(text("DELETE FROM profiles.candidates"))
    second = await merge(store, Two(FIRST, SECOND), LIKELY)
    await chunks.apply(later)
    assert await values(store, "SELECT customer_id FROM profiles.customers WHERE customer_id = 'U2'") == []
    await unmerge(store, second.merge_id)
    assert without_times_of_work(await state_of(store)) == without_times_of_work(never_merged)


async def test_a_record_with_contacts_and_consents_comes_back_as_it_was(store: Store) -> None:
    await store.write(
        [person(FIRST, email="ann@example.org"), person(SECOND, first_name="Ann", tier="silver")]
    )
    before = await state_of(store)
    views = [await store.view(one, "personalisation") for one in (FIRST, SECOND)]
    done = await merge(store, Two(FIRST, SECOND), LIKELY)
    assert done.moved["profiles.interactions"] == 1
    await unmerge(store, done.merge_id)
    assert await state_of(store) == before
    again = [await store.view(one, "personalisation") for one in (FIRST, SECOND)]
    assert [view.attributes for view in again] == [view.attributes for view in views]
    assert all(new.version > old.version for new, old in zip(again, views, strict=True))


async def test_the_merged_id_is_answered_with_the_golden_record(store: Store) -> None:
    await store.write([person(FIRST), person(SECOND)])
    await store.view(SECOND, "service")
    await merge(store, Two(FIRST, SECOND), LIKELY)
    view = await store.view(SECOND, "service")
    assert view.customer_id == FIRST
    assert view.attributes == (await store.view(FIRST, "service")).attributes


async def test_no_table_that_names_customers_is_forgotten(store: Store) -> None:
    await store.write([person(FIRST), person(SECOND)])
    async with store.engine.begin() as connection:
        await connection.execute(
            text(
                "CREATE TABLE profiles.later (id int PRIMARY KEY, owner text NOT NULL "
                "REFERENCES profiles.customers (customer_id) ON DELETE CASCADE, UNIQUE (owner, id))"
            )
        )
        await connection.execute(text("INSERT INTO profiles.later VALUES (1, 'U2'), (2, 'U1')"))
    try:
        done = await merge(store, Two(FIRST, SECOND), LIKELY)
        assert await values(store, "SELECT owner FROM profiles.later ORDER BY id") == [FIRST, FIRST]
        await unmerge(store, done.merge_id)
        assert await values(store, "SELECT owner FROM profiles.later ORDER BY id") == [SECOND, FIRST]
    finally:
        async with store.engine.begin() as connection:
            await connection.execute(text("DROP TABLE profiles.later"))


async def test_a_dry_run_counts_and_changes_nothing(store: Store) -> None:
    await store.write([person(FIRST), person(SECOND)])
    before = await state_of(store)
    done = await merge(store, Two(FIRST, SECOND), LIKELY, dry_run=True)
    assert done.moved["profiles.interactions"] == 1
    assert await state_of(store) == before
    assert await values(store, "SELECT merge_id FROM profiles.merges") == []


async def test_different_consents_are_a_boundary(store: Store) -> None:
    await store.write([person(FIRST), person(SECOND)])
    said = {"granted": True, "source": "till", "version": "1", "at": days_ago(1)}
    await store.state_consent(SECOND, ConsentStatement.model_validate({"purpose": "marketing", **said}))
    before = await state_of(store)
    with pytest.raises(CannotMerge, match="U1 and U2 allow different things: marketing"):
        await merge(store, Two(FIRST, SECOND), LIKELY)
    assert await state_of(store) == before


async def test_a_customer_stands_for_so_many_ids_at_most(store: Store) -> None:
    everybody = [f"C{number}" for number in range(LARGEST_CLUSTER + 1)]
    await store.write([person(one) for one in everybody])
    for one in everybody[1:-1]:
        await merge(store, Two(everybody[0], one), LIKELY)
    with pytest.raises(CannotMerge, match="C0 would stand for 9 ids; at most 8"):
        await merge(store, Two(everybody[0], everybody[-1]), LIKELY)


@pytest.mark.parametrize(
    ("two", "error"), [((FIRST, FIRST), CannotMerge), ((FIRST, "nobody"), UnknownCustomer)]
)
async def test_what_can_not_be_merged(store: Store, two: tuple[str, str], error: type[Exception]) -> None:
    await store.write([person(FIRST)])
    with pytest.raises(error):
        await merge(store, Two(*two), LIKELY)


@pytest.mark.parametrize("order", list(itertools.permutations([0, 1, 2])))
async def test_a_chain_of_merges_can_be_undone_in_any_order(store: Store, order: tuple[int, ...]) -> None:
    """B into A, C into A, A into D; each is undone while the later ones stand."""
    await store.write([person(one, first_name=one) for one in "ABCD"])
    before = await state_of(store)
    merges = [
        (await merge(store, Two(kept, merged), LIKELY)).merge_id
        for kept, merged in (("A", "B"), ("A", "C"), ("D", "A"))
    ]
    assert await values(store, "SELECT customer_id FROM profiles.customers") == ["D"]
    for at in order:
        done = await unmerge(store, merges[at])
        merges = [done.again.get(one, one) for one in merges]
    assert await state_of(store) == before


async def test_events_of_both_ids_go_to_the_golden_record(store: Store, chunks: Chunks) -> None:
    await chunks.apply(known(FIRST, SECOND))
    await merge(store, Two(FIRST, SECOND), LIKELY)
    await chunks.apply(
        [event("a", user_id=SECOND), event("b", anonymous_id=f"device-{SECOND}"), event("c", user_id=FIRST)]
    )
    assert await values(store, "SELECT DISTINCT customer_id FROM profiles.events") == [FIRST]
    assert await values(store, "SELECT customer_id FROM profiles.customers") == [FIRST]


async def test_a_refusal_while_two_were_one_counts_for_both(store: Store) -> None:
    await store.write([person(FIRST), person(SECOND)])
    done = await merge(store, Two(FIRST, SECOND), LIKELY)
    said = {"purpose": "analytics", "granted": False, "source": "chat", "version": "1", "at": days_ago(0)}
    await store.state_consent(SECOND, ConsentStatement.model_validate(said))
    await unmerge(store, done.merge_id)
    for one in (FIRST, SECOND):
        assert not (await store.view(one, "analytics")).consent["analytics"]


async def test_a_merge_is_undone_once(store: Store) -> None:
    await store.write([person(FIRST), person(SECOND)])
    done = await merge(store, Two(FIRST, SECOND), LIKELY)
    await unmerge(store, done.merge_id)
    with pytest.raises(UnknownMerge):
        await unmerge(store, done.merge_id)


async def test_merges_are_in_the_audit_log(store: Store) -> None:
    await store.write([person(FIRST), person(SECOND)])
    done = await merge(store, Two(FIRST, SECOND), LIKELY)
    await unmerge(store, done.merge_id)
    said = await values(store, "SELECT what FROM profiles.audit WHERE what LIKE '%merged' ORDER BY sequence")
    assert said == ["merged", "merged", "unmerged", "unmerged"]
    explained = await values(store, "SELECT explanation FROM profiles.merges")
    assert explained == [LIKELY]
