"""Whatever is asked of the API in the terms of its own description, it neither breaks nor tells of others."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error, response_schema_conformance

from ops.redis_server import RedisServer
from profiles import database
from profiles.cache import ViewCache
from profiles.crypto import Vault
from profiles.redis_connection import connect
from profiles.security.clients import add_client
from profiles.segments import load
from profiles.settings import SEGMENTS_FILE
from profiles.store import Store
from tests.profiles.conftest import DATA_KEY, KEYS, record, unserved_app
from tests.profiles.emptying import empty
from tests.profiles.service import Service

OWN, OTHER = "C000001", "C000002"
#: Stands in every field of the other customer that the service may show to somebody.
MARK = "Zanzibarova"
PERSON = {"Rapport-Actor": "fuzz", "Rapport-Reason": "test"}
FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.fixture(scope="module")
def service(migrated_url: str, redis_server: RedisServer) -> Iterator[Service]:
    empty(migrated_url, "profiles")
    with Service(migrated_url, redis_server.url) as running:
        yield running


@pytest.fixture(scope="module")
def own_token(service: Service, migrated_url: str, redis_server: RedisServer) -> str:
    """The token of one customer; there is another one."""

    async def prepare() -> str:
        cache = ViewCache(connect(redis_server.url))
        store = Store(database.connect(migrated_url, 10), cache, Vault(DATA_KEY), load(SEGMENTS_FILE))
        contact = {
            "interaction_id": f"{MARK}-1",
            "channel": "chat",
            "occurred_at": "2026-11-01T10:00:00Z",
            "summary": {"subject": MARK},
        }
        marked = {"first_name": MARK, "last_name": MARK, "email": f"{MARK}@example.org"}
        await store.write([record(OWN), record(OTHER, **marked, interactions=[contact])])
        async with store.engine.begin() as connection:
            secret = await add_client(connection, "fuzz-web", "service", None)
        await store.engine.dispose()
        await cache.close()
        return secret

    secret = asyncio.run(prepare())
    answer = httpx.post(
        f"{service.url}/oauth/token",
        data={"grant_type": "client_credentials", "scope": f"customer:{OWN}"},
        auth=("fuzz-web", secret),
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


schema = schemathesis.openapi.from_dict(unserved_app().openapi())


@schema.parametrize()
@FEW
def test_no_request_breaks_it(case: Any, service: Service, own_token: str) -> None:
    for key in (KEYS["write"], KEYS["agent"]):
        case.call_and_validate(
            base_url=service.url,
            headers={"Authorization": f"Bearer {key}", **PERSON},
            checks=[not_a_server_error, response_schema_conformance],
        )


@schema.parametrize()
@FEW
def test_a_customer_learns_nothing_of_another(case: Any, service: Service, own_token: str) -> None:
    for name in case.path_parameters or {}:
        case.path_parameters[name] = OTHER
    answer = case.call(base_url=service.url, headers={"Authorization": f"Bearer {own_token}"})
    assert MARK not in answer.text
    assert answer.status_code < 500
    if case.operation.path.startswith("/api/") and case.path_parameters:
        assert 400 <= answer.status_code < 500
