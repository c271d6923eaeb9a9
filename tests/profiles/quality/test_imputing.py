"""Imputed values are marked, lose against any word of anybody, and go when they are no longer right."""

from typing import Any

import pytest
from sqlalchemy import text

from profiles.crypto import Vault
from profiles.quality.imputation import How, Plan
from profiles.quality.imputing import Imputed, NotForImputation, impute
from profiles.records import ConsentStatement
from profiles.store import Store
from profiles.traits.write import TraitWrite, write_traits
from tests.profiles.conftest import DATA_KEY, days_ago

VAULT = Vault(DATA_KEY)
PLAN = Plan(
    version=1,
    least_known=3,
    least_agreement=0.6,
    neighbours=3,
    attributes={"language": How(method="mode")},
)


async def add(store: Store, customer_id: str, language: str | None = None, *, analytics: bool = True) -> None:
    """A customer who said a language, or none."""
    add_one = (
        "INSERT INTO profiles.customers (customer_id, signed_up_at, facts_at) VALUES (:id, now(), 'epoch')"
    )
    async with store.engine.begin() as connection:
        await connection.execute(text(add_one), {"id": customer_id})
        if language is not None:
            said = TraitWrite(
                customer_id, "language", language, "stated", days_ago(900), f"said-{customer_id}"
            )
            await write_traits(connection, VAULT, [said])
    await consent(store, customer_id, granted=analytics)


async def consent(store: Store, customer_id: str, *, granted: bool) -> None:
    said = ConsentStatement(
        purpose="analytics", granted=granted, source="form", version="1", at=days_ago(0 if not granted else 2)
    )
    await store.state_consent(customer_id, said)


async def languages(store: Store) -> dict[str, Any]:
    sql = "SELECT customer_id, traits->>'language' AS language FROM profiles.customers ORDER BY 1"
    async with store.engine.connect() as connection:
        return {row.customer_id: row.language for row in (await connection.execute(text(sql))).all()}


async def marks(store: Store) -> list[tuple[str, str, int]]:
    sql = "SELECT customer_id, method, known FROM profiles.imputations ORDER BY 1"
    async with store.engine.connect() as connection:
        return [tuple(row) for row in (await connection.execute(text(sql))).all()]


async def known(store: Store) -> None:
    for number, language in enumerate(["en", "en", "en", "cy"]):
        await add(store, f"K{number}", language)


async def test_what_nobody_said_is_filled_in_and_marked(store: Store) -> None:
    await known(store)
    await add(store, "M1")
    done = await impute(store, VAULT, PLAN)
    assert done == {"language": Imputed(filled={"en": 1}, left_open=0, taken_back=0)}  # type: ignore[arg-type]
    assert (await languages(store))["M1"] == "en"
    assert await marks(store) == [("M1", "mode", 4)]
    async with store.engine.connect() as connection:
        rows = await connection.execute(text("SELECT source FROM profiles.traits WHERE customer_id = 'M1'"))
        assert rows.scalars().all() == ["imputed"]


async def test_what_was_said_is_never_overwritten(store: Store) -> None:
    await known(store)
    before = await languages(store)
    await impute(store, VAULT, PLAN)
    assert await languages(store) == before
    assert await marks(store) == []


async def test_a_word_however_old_wins_at_once_and_the_mark_goes_with_the_next_run(store: Store) -> None:
    await known(store)
    await add(store, "M1")
    await impute(store, VAULT, PLAN)
    async with store.engine.begin() as connection:
        said = TraitWrite("M1", "language", "cy", "web", days_ago(3000), "late")
        await write_traits(connection, VAULT, [said])
    assert (await languages(store))["M1"] == "cy"
    assert (await impute(store, VAULT, PLAN))["language"].taken_back == 1
    assert (await languages(store))["M1"] == "cy"
    assert await marks(store) == []


async def test_who_does_not_allow_analytics_is_neither_learnt_from_nor_filled_in(store: Store) -> None:
    await known(store)
    await add(store, "K9", "cy", analytics=False)
    await add(store, "M1", analytics=False)
    await impute(store, VAULT, PLAN)
    assert (await languages(store))["M1"] is None


async def test_who_withdraws_consent_loses_what_was_imputed(store: Store) -> None:
    await known(store)
    await add(store, "M1")
    await impute(store, VAULT, PLAN)
    await consent(store, "M1", granted=False)
    assert (await impute(store, VAULT, PLAN))["language"].taken_back == 1
    assert (await languages(store))["M1"] is None


async def test_what_was_taken_back_by_the_customer_is_not_guessed(store: Store) -> None:
    await known(store)
    await add(store, "M1", "fr")
    async with store.engine.begin() as connection:
        await write_traits(
            connection, VAULT, [TraitWrite("M1", "language", None, "stated", days_ago(1), "back")]
        )
    await impute(store, VAULT, PLAN)
    assert (await languages(store))["M1"] is None


async def test_a_dry_run_and_a_second_run_change_nothing(store: Store) -> None:
    await known(store)
    await add(store, "M1")
    assert (await impute(store, VAULT, PLAN, dry_run=True))["language"].filled == {"en": 1}
    assert await marks(store) == []
    await impute(store, VAULT, PLAN)
    again = await impute(store, VAULT, PLAN)
    assert again["language"] == Imputed()


async def test_an_attribute_that_may_not_be_imputed_is_refused(store: Store) -> None:
    plan = PLAN.model_copy(update={"attributes": {"email": How(method="mode")}})
    with pytest.raises(NotForImputation, match="email"):
        await impute(store, VAULT, plan)
