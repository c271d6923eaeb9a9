"""Load on a chat server, and what it cost: pure statistics and the loops that drive them. Times in milliseconds."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

#: Opens a conversation and returns the function that sends its n-th message (from 0) and waits for the reply.
Opener = Callable[[], Awaitable[Callable[[int], Awaitable[None]]]]


@dataclass(frozen=True)
class Latency:
    """How long messages took to be answered, in milliseconds, and how many a second."""

    messages: int
    p50: float
    p95: float
    per_second: float


def latency(samples: Sequence[float], seconds: float) -> Latency:
    """Summarise answer times in milliseconds taken during `seconds`."""
    p50, p95 = np.percentile(np.asarray(samples), [50, 95])
    return Latency(len(samples), float(p50), float(p95), len(samples) / seconds)


async def drive(opener: Opener, senders: int, messages: int, turns_each: int) -> Latency:
    """`senders` people at once, each with one conversation after the other of `turns_each` turns, `messages` in all."""
    samples: list[float] = []

    async def sender(share: int) -> None:
        for start in range(0, share, turns_each):
            say = await opener()
            for turn in range(min(turns_each, share - start)):
                began = perf_counter()
                await say(turn)
                samples.append((perf_counter() - began) * 1000)

    began = perf_counter()
    await asyncio.gather(*(sender(messages // senders) for _ in range(senders)))
    return latency(samples, perf_counter() - began)


async def growth(opener: Opener, conversations: int, turns: int) -> dict[int, float]:
    """Median answer time by turn number (from 1) over `conversations` long conversations."""
    times = np.empty((conversations, turns))
    for row in range(conversations):
        say = await opener()
        for turn in range(turns):
            began = perf_counter()
            await say(turn)
            times[row, turn] = (perf_counter() - began) * 1000
    return {turn + 1: float(value) for turn, value in enumerate(np.median(times, axis=0))}


def around(by_turn: dict[int, float], turn: int, width: int = 2) -> float:
    """The median of the turns within `width` of `turn`: one turn alone is too noisy to compare."""
    near = [value for number, value in by_turn.items() if abs(number - turn) <= width]
    return float(np.median(near))
