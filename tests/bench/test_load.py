"""The statistics of the load benchmark."""

import asyncio

import pytest

from bench.load import around, drive, growth, latency


def test_percentiles_and_rate_are_those_of_the_samples() -> None:
    summary = latency([float(value) for value in range(1, 101)], seconds=2.0)
    assert summary.p50 == pytest.approx(50.5)
    assert summary.p95 == pytest.approx(95.05)
    assert summary.per_second == 50


async def test_every_sender_has_conversations_of_the_asked_length() -> None:
    opened: list[list[int]] = []

    async def opener():  # type: ignore[no-untyped-def]
        turns: list[int] = []
        opened.append(turns)

        async def say(turn: int) -> None:
            turns.append(turn)
            await asyncio.sleep(0)

        return say

    summary = await drive(opener, senders=2, messages=14, turns_each=5)
    assert summary.messages == 14
    assert sorted(map(tuple, opened)) == [(0, 1), (0, 1), (0, 1, 2, 3, 4), (0, 1, 2, 3, 4)]


async def test_growth_has_one_median_a_turn() -> None:
    async def opener():  # type: ignore[no-untyped-def]
        async def say(_turn: int) -> None:
            await asyncio.sleep(0)

        return say

    assert list(await growth(opener, conversations=3, turns=4)) == [1, 2, 3, 4]


def test_a_turn_is_compared_by_the_median_of_its_neighbours() -> None:
    assert around({1: 1.0, 2: 2.0, 3: 90.0, 4: 4.0, 5: 5.0, 9: 900.0}, 3) == 4.0
