"""What a partner tells is kept with its licence and an end, of customers who allow it and of nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from profiles.enrichment.partners import Partner
from profiles.enrichment.running import AT_ONCE, Enriched, Enrichment
from profiles.records import ConsentStatement
from profiles.store import Store
from profiles.traits.write import TraitWrite, write_traits
from tests.profiles.conftest import days_ago, record
from tests.profiles.enrichment.conftest import Clients
from tests.profiles.enrichment.partner import LocalPartner, sha256


def refusing(purpose: str = "personalisation") -> list[dict[str, Any]]:
    said = {"source": "letter", "version": "1", "at": days_ago(3)}
    return [{"purpose": purpose, "granted": False, **said}]


@pytest.fixture(autouse=True)
async def people(store: Store, homeview: LocalPartner) -> None:
    """Three who allow it, of whom the partner knows two; one who does not; one without an address."""
    await store.write(
        [
            record("C000001", email="Maria@Example.org"),
            record("C000002", email="ben@example.org"),
            record("C000003", email="stranger@example.org"),
            record("C000004", email="private@example.org", consents=refusing()),
            record("C000005", email=None),
        ]
    )
    homeview.people = {
        sha256("maria@example.org"): {
            "attributes": {"dwelling": "apartment", "persons": 2, "topics": ["coffee"], "income": 90_000}
        },
        sha256("ben@example.org"): {"attributes": {"dwelling": "castle", "persons": 1}},
        sha256("private@example.org"): {"attributes": {"dwelling": "detached"}},
    }


async def enrich(store: Store, partner: Partner, clients: Clients, limit: int | None = None) -> Enriched:
    async with clients() as client:
        return await Enrichment(store, partner, client, limit).run()


async def kept(store: Store) -> list[Any]:
    query = text("SELECT * FROM profiles.traits WHERE source = 'partner:homeview' ORDER BY customer_id, name")
    async with store.engine.connect() as connection:
        return [row for row in (await connection.execute(query)).all() if row.value is not None]


async def test_each_value_has_source_licence_and_expiry(
    store: Store, declared: Partner, clients: Clients
) -> None:
    done = await enrich(store, declared, clients)
    assert (done.asked, done.known, done.values, done.unfit) == (3, 2, 4, 1)
    rows = await kept(store)
    assert {(row.customer_id, row.name): row.value for row in rows} == {
        ("C000001", "home_type"): "flat",
        ("C000001", "household_size"): 2,
        ("C000001", "interests"): ["coffee"],
        ("C000002", "household_size"): 1,
    }
    assert {row.licence for row in rows} == {declared.licence}
    until = datetime.now(UTC) + timedelta(days=declared.valid_days)
    assert all(abs(row.expires_at - until) < timedelta(minutes=1) for row in rows)
    view = await store.view("C000001", "personalisation")
    assert view.attributes["home_type"] == "flat"


async def test_the_partner_hears_hashes_only_and_of_nobody_who_says_no(
    store: Store, declared: Partner, clients: Clients, homeview: LocalPartner
) -> None:
    done = await enrich(store, declared, clients)
    asked = sorted(body["email_sha256"] for body in homeview.asked)
    assert asked == sorted(sha256(f"{name}@example.org") for name in ("maria", "ben", "stranger"))
    assert all(set(body) == {"email_sha256"} for body in homeview.asked)
    assert done.refused_by_customer == 1
    assert homeview.most_at_once <= AT_ONCE


async def test_whoever_withdraws_while_the_partner_is_asked_keeps_nothing_of_it(
    store: Store, declared: Partner, clients: Clients, homeview: LocalPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = homeview.answer

    async def meanwhile(email_sha256: str) -> Any:
        said = refusing()[0] | {"at": datetime.now(UTC)}
        await store.state_consent("C000001", ConsentStatement.model_validate(said))
        return await answer(email_sha256)

    monkeypatch.setattr(homeview, "answer", meanwhile)
    await enrich(store, declared, clients)
    assert {row.customer_id for row in await kept(store)} == {"C000002"}


async def test_a_dry_run_asks_and_changes_nothing(
    store: Store, declared: Partner, homeview: LocalPartner
) -> None:
    done = await Enrichment(store, declared, None).run()
    assert (done.asked, done.refused_by_customer) == (3, 1)
    assert (homeview.asked, await kept(store)) == ([], [])


async def test_nobody_is_asked_about_again_before_it_runs_out(
    store: Store, declared: Partner, clients: Clients
) -> None:
    assert (await enrich(store, declared, clients, limit=1)).asked == 1
    assert (await enrich(store, declared, clients)).asked == 2
    assert (await enrich(store, declared, clients)).asked == 0


async def test_the_partners_own_terms_count_where_they_are_narrower(
    store: Store, declared: Partner, clients: Clients, homeview: LocalPartner
) -> None:
    soon = datetime.now(UTC) + timedelta(days=7)
    homeview.people[sha256("maria@example.org")] |= {"expires_at": soon.isoformat(), "licence": "trial"}
    await enrich(store, declared, clients, limit=1)
    assert {(row.expires_at, row.licence) for row in await kept(store)} == {(soon, "trial")}


async def test_what_was_answered_before_the_partner_failed_is_kept_and_the_next_run_goes_on(
    store: Store, declared: Partner, clients: Clients, homeview: LocalPartner
) -> None:
    assert (await enrich(store, declared, clients, limit=1)).stopped is None
    homeview.failing = [503] * 12
    stopped = await enrich(store, declared, clients)
    assert stopped.stopped is not None
    assert {row.customer_id for row in await kept(store)} == {"C000001"}
    homeview.failing = []
    assert (await enrich(store, declared, clients)).stopped is None
    assert {row.customer_id for row in await kept(store)} == {"C000001", "C000002"}


async def test_one_answer_that_makes_no_sense_does_not_cost_the_others(
    store: Store, declared: Partner, clients: Clients, homeview: LocalPartner
) -> None:
    homeview.failing = ["nonsense"]
    done = await enrich(store, declared, clients)
    assert (done.unusable, done.stopped) == (1, None)
    assert await kept(store)


async def test_what_the_customer_said_counts_more(store: Store, declared: Partner, clients: Clients) -> None:
    said = TraitWrite("C000001", "home_type", "house", "stated", days_ago(30), "said-1")
    async with store.engine.begin() as connection:
        await write_traits(connection, store.vault, [said])
    await enrich(store, declared, clients)
    assert (await store.view("C000001", "personalisation")).attributes["home_type"] == "house"
