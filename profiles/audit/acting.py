"""On whose behalf this task works, so that the store can say in the audit log who changed something and why."""

import os
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Acting:
    who: str
    why: str


_acting: ContextVar[Acting | None] = ContextVar("profiles_acting", default=None)


def act_as(who: str, why: str) -> None:
    """From here on, this task (and those it starts) acts for `who`, because of `why`."""
    _acting.set(Acting(who, why))


def acting() -> Acting:
    """Who acts; a process that has not said so goes by the account that runs it."""
    return _acting.get() or Acting(f"process of user {os.getuid()}", "not said")
