"""The policy of `data/security`: which role may call which route, decided by casbin."""

import logging
from functools import cache
from pathlib import Path

import casbin  # type: ignore[import-untyped]

FOLDER = Path(__file__).parents[2] / "data" / "security"


class Policy:
    """The rules as they are in the files.

    Args:
        folder: with `model.conf` and `policy.csv`.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        logging.getLogger("casbin").setLevel(logging.WARNING)
        self._enforcer = casbin.Enforcer(str(folder / "model.conf"), str(folder / "policy.csv"))
        self._routes = {(path, method) for _, path, method, _ in self._enforcer.get_policy()}
        # Casbin takes a millisecond for a decision, and there are only so many.
        self.allows = cache(self._decide)

    def knows(self, path: str, method: str) -> bool:
        """Whether any rule speaks of this route."""
        return (path, method) in self._routes

    def _decide(self, role: str, path: str, method: str, own: bool) -> bool:
        """Whether a role may call a route; `own`: what is asked for is the caller's own record."""
        return bool(self._enforcer.enforce(role, path, method, "own" if own else "any"))
