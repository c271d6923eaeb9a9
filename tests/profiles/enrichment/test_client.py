"""A partner that is slow, fails or changes its mind is asked again as long as it makes sense, and no longer."""

import asyncio

import pytest

from profiles.enrichment.client import TRIES, PartnerRefused, PartnerUnavailable, UnusableAnswer
from tests.profiles.enrichment.conftest import Clients
from tests.profiles.enrichment.partner import LocalPartner, sha256

MARIA = sha256("maria.okafor@example.org")


@pytest.fixture(autouse=True)
def maria(homeview: LocalPartner) -> None:
    homeview.people[MARIA] = {"attributes": {"dwelling": "apartment"}}


async def test_whom_the_partner_knows_is_told_with_one_token_for_all(
    clients: Clients, homeview: LocalPartner
) -> None:
    async with clients() as client:
        answers = await asyncio.gather(*(client.ask(MARIA) for _ in range(5)))
        assert await client.ask(sha256("nobody@example.org")) is None
    assert [answer and answer.attributes for answer in answers] == [{"dwelling": "apartment"}] * 5
    assert homeview.tokens == 1


@pytest.mark.parametrize("failing", [[503], [500, 502, 503], [429], ["slow"]])
async def test_what_passes_is_tried_again(
    clients: Clients, homeview: LocalPartner, failing: list[int | str]
) -> None:
    homeview.failing = list(failing)
    async with clients(patience=0.3) as client:
        answer = await client.ask(MARIA)
    assert answer is not None
    assert len(homeview.asked) == len(failing) + 1


async def test_who_fails_for_good_is_unavailable_after_a_few_tries(
    clients: Clients, homeview: LocalPartner
) -> None:
    homeview.failing = [503] * 100
    async with clients() as client:
        with pytest.raises(PartnerUnavailable, match="status 503"):
            await client.ask(MARIA)
    assert len(homeview.asked) == TRIES


async def test_who_wants_us_much_later_is_not_waited_for(clients: Clients, homeview: LocalPartner) -> None:
    homeview.failing, homeview.retry_after = [429], "3600"
    async with clients() as client:
        with pytest.raises(PartnerUnavailable, match="3600 s"):
            await client.ask(MARIA)
    assert len(homeview.asked) == 1


async def test_a_token_that_was_revoked_is_replaced(clients: Clients, homeview: LocalPartner) -> None:
    async with clients() as client:
        await client.ask(MARIA)
        homeview.revoke_tokens()
        assert await asyncio.gather(*(client.ask(MARIA) for _ in range(4)))
    assert homeview.tokens >= 2


async def test_a_token_that_runs_out_is_renewed_before(clients: Clients, homeview: LocalPartner) -> None:
    homeview.token_seconds = 1.0  # less than the leeway of the client
    async with clients() as client:
        assert await client.ask(MARIA)
        assert await client.ask(MARIA)
    assert homeview.tokens >= 2


async def test_a_token_service_that_fails_once_is_asked_again(
    clients: Clients, homeview: LocalPartner
) -> None:
    homeview.failing_tokens = [503]
    async with clients() as client:
        assert await client.ask(MARIA)


async def test_a_secret_that_is_wrong_is_not_tried_again(clients: Clients, homeview: LocalPartner) -> None:
    async with clients(secret="wrong") as client:
        with pytest.raises(PartnerRefused, match="invalid_client"):
            await client.ask(MARIA)
    assert homeview.asked == []


async def test_what_the_partner_refuses_is_not_tried_again(clients: Clients, homeview: LocalPartner) -> None:
    homeview.failing = [403]
    async with clients() as client:
        with pytest.raises(PartnerRefused, match="403"):
            await client.ask(MARIA)
    assert len(homeview.asked) == 1


async def test_an_answer_that_makes_no_sense_is_said_to_be_that(
    clients: Clients, homeview: LocalPartner
) -> None:
    homeview.failing = ["nonsense"]
    async with clients() as client:
        with pytest.raises(UnusableAnswer):
            await client.ask(MARIA)
