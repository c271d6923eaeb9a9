"""The whole system, started once for the session on free ports: every service, PostgreSQL, Redis, trained models."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bench.client import RapportClient
from ops.stack import Stack
from tests.browser import browser, chromium_path

#: Fixtures of these tests that are written elsewhere.
__all__ = ["browser", "chromium_path"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the system, and may wait for it to be trained and started."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("state")) as running:
        yield running
        # The logs outlive the temporary folder, for whoever looks into a failure.
        kept = os.environ.get("RAPPORT_TEST_LOGS")
        if kept:
            Path(kept).mkdir(parents=True, exist_ok=True)
            for log in running.logs.glob("*.log"):
                (Path(kept) / log.name).write_bytes(log.read_bytes())


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system of the file's own, as freshly seeded: what customers said in other files is not in their history."""
    with Stack(tmp_path_factory.mktemp("untouched")) as running:
        yield running


@pytest.fixture
async def client(stack: Stack) -> AsyncIterator[RapportClient]:
    async with RapportClient(stack.url("web")) as running:
        yield running
