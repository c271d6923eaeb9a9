"""Eight customers and a visitor in twenty situations (tests/e2e/matrix), through the running system."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest

from bench.client import RapportClient
from ops.stack import Stack
from tests.e2e.matrix.answers import IDS, heard_of, unfit
from tests.e2e.matrix.situations import VISITOR, WHO, Situation, situations, steps
from tests.e2e.shop_books import ShopBooks
from tests.e2e.talk import Talk

SITUATIONS = situations()


@dataclass
class Played:
    """What came of all cells.

    Attributes:
        faults: by situation and person, empty where all was as expected.
        before: order → its state, of all personas; `after` likewise.
    """

    faults: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def played(untouched: Stack) -> Played:
    return asyncio.run(_play_all(untouched))


async def _play_all(stack: Stack) -> Played:
    books = ShopBooks(stack)
    today = datetime.now(UTC).date()
    result = Played(before=await books.statuses(list(IDS.values())))

    async def go_through(client: RapportClient, who: str) -> None:
        # One situation after the other: each finds the orders as the last has left them.
        for situation in SITUATIONS:
            result.faults[situation.name, who] = await _meet(client, books, situation, who, today)

    async with RapportClient(stack.url("web")) as client:
        await asyncio.gather(*(go_through(client, who) for who in WHO if who != VISITOR))
        # Afterwards, for the visitor speaks of orders of the others.
        await go_through(client, VISITOR)
    result.after = await books.statuses(list(IDS.values()))
    await books.close()
    return result


async def _meet(
    client: RapportClient, books: ShopBooks, situation: Situation, who: str, today: date
) -> list[str]:
    talk = await Talk.begin(client, IDS.get(who))
    told: list[str] = []
    typed = ""
    for step in steps(situation, who, today):
        try:
            heard = await heard_of(talk, step)
        except AssertionError as no_button:
            return [*told, str(no_button)]
        told.append(f"{step.say or step.press or '(opening)'} → {heard.text}")
        typed += f" {step.say}"
        if faults := await unfit(step, heard, who, books, typed):
            return [*told, *faults]
    return []


@pytest.mark.parametrize(
    ("situation", "who"), [(situation.name, who) for situation in SITUATIONS for who in WHO]
)
def test_everybody_gets_what_befits_them(played: Played, situation: str, who: str) -> None:
    faults = played.faults[situation, who]
    assert not faults, "\n".join(faults)


def test_nothing_was_changed_for_good(played: Played) -> None:
    assert played.before == played.after
