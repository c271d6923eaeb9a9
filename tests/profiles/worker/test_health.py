"""The worker says so when a part of its work goes on no more."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from profiles.crypto import Vault
from profiles.lake.lake import Lake
from profiles.store import Store
from profiles.worker import app
from tests.profiles.conftest import DATA_KEY


@pytest.mark.timeout(30)
async def test_a_worker_is_ready_as_long_as_all_its_work_goes_on(
    store: Store, tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    end, ended = asyncio.Event(), asyncio.Event()

    async def age_until_the_end(*_: Any) -> None:
        await end.wait()
        ended.set()

    monkeypatch.setattr(app, "age_for_ever", age_until_the_end)
    vault = Vault(DATA_KEY)
    worker = app.create_worker(store, vault, Lake(tmp_path, store.engine, vault), redis_url)
    transport = httpx.ASGITransport(worker)
    async with (
        worker.router.lifespan_context(worker),
        httpx.AsyncClient(transport=transport, base_url="http://worker") as http,
    ):
        ready = await http.get("/health")
        end.set()
        await ended.wait()
        failing = await http.get("/health")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert (failing.status_code, failing.json()["reason"]) == (503, "ageing customers has ended")
