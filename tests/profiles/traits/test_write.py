"""What was said about customers is kept, and what counts of it is in their columns."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from profiles.crypto import Vault
from profiles.store import Store
from profiles.traits.settle import forget_expired, settle
from profiles.traits.versions import of_files
from profiles.traits.write import TraitWrite, Written, move_traits, write_traits
from tests.profiles.conftest import DATA_KEY

VAULT = Vault(DATA_KEY)
NOON = (datetime.now(UTC) - timedelta(days=40)).replace(hour=12, minute=0, second=0, microsecond=0)


async def customers(store: Store, *ids: str) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO profiles.customers (customer_id, signed_up_at, facts_at) "
                "SELECT id, now(), 'epoch' FROM unnest(CAST(:ids AS text[])) AS id ON CONFLICT DO NOTHING"
            ),
            {"ids": list(ids)},
        )


def said(
    message_id: str, name: str, value: Any, source: str = "shop", *, days: float = 0, **more: Any
) -> TraitWrite:
    at = NOON + timedelta(days=days)
    return TraitWrite(
        **{"customer_id": "C000001", "message_id": message_id, "name": name, "value": value}
        | {"source": source, "at": at}
        | more
    )


async def write(store: Store, *writes: TraitWrite) -> Written:
    async with store.engine.begin() as connection:
        return await write_traits(connection, VAULT, writes)


async def row(store: Store, customer_id: str = "C000001") -> Any:
    async with store.engine.connect() as connection:
        query = text("SELECT * FROM profiles.customers WHERE customer_id = :id")
        return (await connection.execute(query, {"id": customer_id})).one()


async def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    async with store.engine.connect() as connection:
        return [tuple(one) for one in (await connection.execute(text(sql))).all()]


async def test_core_attributes_go_into_columns_and_dynamic_ones_into_json(store: Store) -> None:
    await customers(store, "C000001")
    written = await write(
        store, said("m1", "first_name", "Maria"), said("m1", "loyalty_points", 120, "loyalty")
    )
    found = await row(store)
    assert (found.first_name, found.traits) == ("Maria", {"loyalty_points": 120})
    assert (written.customers, written.added) == (frozenset({"C000001"}), 2)


async def test_a_message_may_use_the_names_of_the_segment_specification(store: Store) -> None:
    await customers(store, "C000001")
    await write(store, said("m1", "firstName", "Maria"), said("m1", "homeStore", "Leeds", "pos"))
    found = await row(store)
    assert (found.first_name, found.traits) == ("Maria", {"favourite_store": "Leeds"})


async def test_within_a_source_the_newest_counts_even_when_it_arrives_first(store: Store) -> None:
    await customers(store, "C000001")
    await write(store, said("m2", "first_name", "Mary", days=2))
    written = await write(store, said("m1", "first_name", "Maria", days=1))
    assert (await row(store)).first_name == "Mary"
    assert written.customers == frozenset()


async def test_between_sources_the_matrix_decides(store: Store) -> None:
    await customers(store, "C000001")
    await write(store, said("m1", "first_name", "Maria", "stated"))
    await write(store, said("m2", "first_name", "MARIA O", "pos", days=5))
    assert (await row(store)).first_name == "Maria"


async def test_a_word_grows_old_and_a_weaker_source_that_is_years_newer_wins(store: Store) -> None:
    await customers(store, "C000001")
    await write(store, said("m1", "phone", "+447700900123", "stated", days=-3000))
    await write(store, said("m2", "phone", "+447700900456", "pos"))
    assert VAULT.open("C000001", "phone", (await row(store)).phone) == "+447700900456"


async def test_a_source_may_take_its_word_back_and_the_next_best_counts(store: Store) -> None:
    await customers(store, "C000001")
    await write(store, said("m1", "first_name", "Maria", "loyalty"), said("m2", "first_name", "Mia"))
    assert (await row(store)).first_name == "Mia"
    await write(store, said("m3", "first_name", None, days=1))
    assert (await row(store)).first_name == "Maria"
    await write(store, said("m4", "first_name", None, "loyalty", days=1))
    assert (await row(store)).first_name is None


async def test_sensitive_values_are_sealed_wherever_they_rest_and_can_be_looked_up(store: Store) -> None:
    await customers(store, "C000001")
    await write(
        store,
        said("m1", "email", "maria@example.org"),
        said("m2", "vat_number", "GB123456789", "billing"),
    )
    found = await row(store)
    assert VAULT.open("C000001", "email", found.email) == "maria@example.org"
    assert found.email_index == VAULT.blind_index("email", "Maria@Example.org")
    assert found.traits == {}
    at_rest = str(await rows(store, "SELECT t::text FROM profiles.traits AS t"))
    at_rest += str(await rows(store, "SELECT c::text FROM profiles.customers AS c"))
    assert "maria@example" not in at_rest and "GB1234" not in at_rest


async def test_a_value_that_has_expired_counts_no_more_and_is_deleted(store: Store) -> None:
    await customers(store, "C000001")
    end = datetime.now(UTC) + timedelta(hours=1)
    await write(
        store,
        said("m1", "home_type", "flat", "partner:streets", expires_at=end, licence="one year"),
        said("m2", "home_type", "house", "import:old", days=-800),
        said("m3", "satisfaction", 9, "survey", days=-400),
    )
    found = await row(store)
    assert found.traits == {"home_type": "flat"}  # the survey is older than a year
    assert found.traits_until == {"home_type": end.isoformat()}
    async with store.engine.begin() as connection:
        gone = await forget_expired(connection, VAULT, end + timedelta(seconds=1))
    found = await row(store)
    assert (gone, found.traits) == (2, {"home_type": "house"})


async def test_what_a_message_said_can_turn_out_to_be_about_somebody_else(store: Store) -> None:
    await customers(store, "C000001", "C000002")
    await write(
        store,
        said("m1", "email", "old@example.org", days=-1),
        said("m2", "email", "maria@example.org"),
        said("m2", "language", "en"),
    )
    async with store.engine.begin() as connection:
        changed = await move_traits(connection, VAULT, ["m2"], "C000002")
    before, after = await row(store), await row(store, "C000002")
    assert changed == {"C000001", "C000002"}
    assert VAULT.open("C000001", "email", before.email) == "old@example.org"
    assert VAULT.open("C000002", "email", after.email) == "maria@example.org"
    assert (before.traits, after.traits) == ({}, {"language": "en"})


async def test_values_that_do_not_fit_are_counted_and_not_kept(store: Store) -> None:
    await customers(store, "C000001")
    written = await write(
        store,
        said("m1", "favouriteColour", "Green"),
        said("m2", "favouriteColour", "Teal 12", days=1),
        said("m3", "tier", "platinum"),
        said("m3", "loyalty_points", "many", "loyalty"),
        said("m3", "tier", "gold", "pos"),
        said("m4", "maria@example.org", True),
    )
    assert (written.added, written.refused) == (0, 6)
    found = await rows(
        store, "SELECT name, source, reason, seen, types, examples FROM profiles.stray_traits ORDER BY 1, 2"
    )
    assert found == [
        ("(unusable name)", "shop", "unknown", 1, {"boolean": 1}, ["true"]),
        ("favouriteColour", "shop", "unknown", 2, {"text": 2}, ["Aaaa 99", "Aaaaa"]),
        ("loyalty_points", "loyalty", "wrong type", 1, {"text": 1}, ["aaaa"]),
        ("tier", "pos", "not from this source", 1, {"text": 1}, ["aaaa"]),
        ("tier", "shop", "not allowed", 1, {"text": 1}, ["aaaaaaaa"]),
    ]


VALUES: dict[str, list[Any]] = {
    "first_name": ["Maria", "Mia", None],
    "email": ["maria@example.org", "mia@example.org", None],
    "tier": ["gold", "silver", None],
    "signed_up_at": ["2020-03-01T10:00:00Z", "2021-03-01T10:00:00Z"],
    "loyalty_points": [10, 20, None],
    "loyalty_number": ["7000123", "7000456", None],
}
NAMED_VALUES = st.sampled_from([(name, value) for name, values in VALUES.items() for value in values])


@st.composite
def writes(draw: st.DrawFn) -> list[TraitWrite]:
    drawn = draw(
        st.lists(
            st.tuples(NAMED_VALUES, st.sampled_from(["shop", "loyalty", "import:old"]), st.integers(-900, 5)),
            min_size=1,
            max_size=12,
        )
    )
    return [
        said(f"m{number}", name, value, source, days=days)
        for number, ((name, value), source, days) in enumerate(drawn)
    ]


async def outcome(store: Store, chunks: Sequence[Sequence[TraitWrite]]) -> tuple[Any, ...]:
    async with store.engine.begin() as connection:
        await connection.execute(text("TRUNCATE profiles.customers CASCADE"))
    await customers(store, "C000001")
    for chunk in chunks:
        await write(store, *chunk)
    found = await row(store)
    kept = await rows(
        store,
        "SELECT message_id, name, source, at, value, sealed IS NULL FROM profiles.traits ORDER BY 1, 2",
    )
    email = found.email and VAULT.open("C000001", "email", found.email)
    signed_up_at = found.signed_up_at if any(name == "signed_up_at" for _, name, *_ in kept) else None
    return found.first_name, email, found.email_index, found.tier, signed_up_at, found.traits, kept


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=writes(), seed=st.integers(0, 2**32))
def test_any_order_and_any_repetition_gives_the_same(
    writes: list[TraitWrite], seed: int, shared: Any
) -> None:
    """In one go; shuffled, one by one, some of them twice; and settled from scratch."""
    chance = random.Random(seed)
    shuffled = [*writes, *chance.sample(writes, len(writes) // 2)]
    chance.shuffle(shuffled)
    loop, store = shared
    whole = loop.run_until_complete(outcome(store, [writes]))
    single = loop.run_until_complete(outcome(store, [[one] for one in shuffled]))
    assert single == whole
    assert loop.run_until_complete(settled_again(store)) == set()


async def settled_again(store: Store) -> set[str]:
    async with store.engine.begin() as connection:
        return await settle(connection, VAULT, ["C000001"])


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(sorted(of_files().by_any_name)) | st.text(max_size=80)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(st.tuples(names, anything), max_size=5))
def test_whatever_is_sent_is_kept_or_counted(sent: list[tuple[str, Any]], shared: Any) -> None:
    loop, store = shared

    async def check() -> None:
        async with store.engine.begin() as connection:
            await connection.execute(text("TRUNCATE profiles.customers CASCADE"))
        await customers(store, "C000001")
        written = await write(store, *[said(f"m{number}", *one) for number, one in enumerate(sent)])
        assert written.added + written.refused == len(sent)

    loop.run_until_complete(check())
