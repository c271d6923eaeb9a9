"""Ending background tasks for certain."""

import asyncio
from collections.abc import Collection
from typing import Any


async def stop(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they have ended: a library in which one of them waits may swallow a cancellation."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=0.2)
