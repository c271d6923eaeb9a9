"""Who may come in: by password, not too often, for a day, and with the right role."""

import hashlib
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.web.conftest import Web
from tests.web.desk import PASSWORD, Desk, employ, seated, sign_in
from tests.web.talk import begin
from web.agents import passwords
from web.agents.access import TRIES_PER_ADDRESS, TRIES_PER_NAME

#: As the server has it, before the tests make it quick.
_ORDINARY = passwords._hasher


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that take no time; those of every day take a tenth of a second each."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._of_nobody.cache_clear()


def test_passwords_are_hashed_with_argon2id_as_rfc_9106_recommends() -> None:
    used = extract_parameters(_ORDINARY.hash(PASSWORD))
    assert (used.type, used.time_cost, used.memory_cost) == (Type.ID, 3, 64 * 1024)


async def _rows(web: Web, sql: str, **values: Any) -> list[Any]:
    async def work(connection: AsyncConnection) -> list[Any]:
        return list(await connection.execute(text(sql), values))

    return await web.service.agents.audit._database.run(work)


async def _run(web: Web, sql: str, **values: Any) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(text(sql), values)

    await web.service.agents.audit._database.run(work)


def _with_token(web: Web, token: str) -> Desk:
    return Desk(web.http, token, "", "")


async def test_the_password_opens_a_session_and_its_end_closes_it(web: Web) -> None:
    await employ(web, "sam")
    answer = await sign_in(web, " Sam ")
    assert answer.status_code == 201
    assert answer.json()["staff"] | {"staff_id": None} == {
        "staff_id": None,
        "name": "sam",
        "display_name": "Sam",
        "role": "agent",
    }
    sam = _with_token(web, answer.json()["token"])
    me = await sam.ask("GET", "me")
    assert (me.json()["staff"]["name"], me.json()["expires_at"]) == ("sam", answer.json()["expires_at"])
    assert (await sam.ask("DELETE", "sessions/current")).status_code == 204
    refused = await sam.ask("GET", "me")
    assert (refused.status_code, refused.json()["type"]) == (401, "session-not-valid")


async def test_a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words(web: Web) -> None:
    await employ(web, "sam")
    wrong, unknown = await sign_in(web, "sam", "not this one"), await sign_in(web, "nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["type"] == "sign-in-failed"


async def test_an_unknown_name_costs_as_much_work(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            verified.append(str(hash).rsplit("$", 2)[0])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Counting(time_cost=1, memory_cost=64, parallelism=1))
    kept = passwords.hashed(PASSWORD)
    assert not await passwords.is_right(kept, "not this one")
    assert not await passwords.is_right(None, "not this one")
    assert len(verified) == 2
    assert verified[0] == verified[1], "the same parameters, hence the same work"


async def test_only_hashes_are_kept(web: Web) -> None:
    await employ(web, "sam")
    token = (await sign_in(web, "sam")).json()["token"]
    (kept,) = await _rows(web, "SELECT password_hash FROM chat.staff WHERE name = 'sam'")
    assert kept.password_hash.startswith("$argon2id$")
    assert PASSWORD not in kept.password_hash
    (session,) = await _rows(web, "SELECT token_hash FROM chat.staff_sessions")
    assert session.token_hash == hashlib.sha256(token.encode()).digest()


async def test_a_hash_with_yesterdays_parameters_is_renewed_at_sign_in(web: Web) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    account = await web.service.agents.staff.add("sam", "Sam", "agent", weak)
    assert (await sign_in(web, "sam")).status_code == 201
    found = await web.service.agents.staff.find("sam")
    assert found is not None
    assert not passwords.is_outdated(found[1])
    assert (await sign_in(web, "sam")).status_code == 201, "and it is still the same password"
    assert account.staff_id == found[0].staff_id


async def test_too_many_tries_with_a_name_are_refused_whatever_the_password(web: Web, redis_url: str) -> None:
    await web.service.agents.staff.add("sam", "Sam", "agent", "no password fits")
    answers = [await sign_in(web, "sam", "a guess") for _ in range(TRIES_PER_NAME + 2)]
    refused = [answer for answer in answers if answer.status_code == 429]
    # A new minute may begin in between, with a count of its own.
    assert refused
    assert 1 <= int(refused[0].headers["retry-after"]) <= 61
    assert refused[0].json()["type"] == "too-many-requests"
    assert (await sign_in(web, "kim")).status_code == 401, "another name is another count"
    async with Redis.from_url(redis_url) as redis:
        assert not [key async for key in redis.scan_iter("*sam*")], "names are not kept in Redis"


async def test_too_many_tries_from_an_address_are_refused(web: Web, redis_url: str) -> None:
    async with Redis.from_url(redis_url, decode_responses=True) as redis:
        await sign_in(web, "one")
        (key,) = [key async for key in redis.scan_iter("web:rate:sign-in:address:*")]
        minute = int(key.rsplit(":", 1)[1])
        for at in (minute, minute + 1):
            await redis.set(f"{key.rsplit(':', 1)[0]}:{at}", TRIES_PER_ADDRESS)
    assert (await sign_in(web, "another")).status_code == 429


async def test_a_session_ends_by_itself(web: Web) -> None:
    sam = await seated(web, "sam")
    await _run(web, "UPDATE chat.staff_sessions SET expires_at = now()")
    assert (await sam.ask("GET", "me")).status_code == 401


async def test_who_is_disabled_is_out_at_once_and_can_not_come_back(web: Web) -> None:
    await employ(web, "sam")
    answer = await sign_in(web, "sam")
    found = await web.service.agents.staff.find("sam")
    assert found is not None
    await web.service.agents.staff.disable(found[0].staff_id)
    assert (await _with_token(web, answer.json()["token"]).ask("GET", "me")).status_code == 401
    assert (await sign_in(web, "sam")).status_code == 401


async def test_a_trainer_reads_no_customer(web: Web) -> None:
    toni, alex = await seated(web, "toni", "trainer"), await seated(web, "alex", "admin")
    talk = await begin(web.http, "C000001")
    of = f"conversations/{talk.conversation_id}"
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "conversations", {}),
        ("GET", of, {}),
        ("GET", f"{of}/customer", {}),
        ("POST", f"{of}/take", {"epoch": 1}),
        ("POST", f"{of}/messages", {"text": "hello", "client_id": "a"}),
        ("POST", f"{of}/notes", {"text": "hello"}),
        ("POST", f"{of}/hand-back", {}),
        ("POST", f"{of}/close", {"outcome": "open"}),
        ("POST", f"{of}/marks", {"seq": 1}),
        ("DELETE", f"{of}/marks/1", {}),
    ]
    for method, path, body in asked:
        refused = await toni.ask(method, path, json=body)
        assert (refused.status_code, refused.json()["type"]) == (403, "not-your-role"), path
    assert (await toni.ask("GET", "me")).status_code == 200
    assert (await alex.ask("GET", of)).status_code == 200


@pytest.mark.parametrize("path", ["me", "conversations"])
async def test_without_a_session_nothing_opens(web: Web, path: str) -> None:
    talk = await begin(web.http)
    for headers in ({}, {"Authorization": "Bearer guessed"}, talk.headers):
        answer: httpx.Response = await web.http.get(f"/api/agent/{path}", headers=headers)
        assert answer.status_code == 401, "nor with a customer's token"
        assert answer.headers["content-type"] == "application/problem+json"


async def test_signing_in_and_failing_to_is_written_down_without_what_was_typed(web: Web) -> None:
    await employ(web, "sam")
    await sign_in(web, "sam")
    await sign_in(web, "sam", "not this one")
    await sign_in(web, "my secret password", "in the wrong field")
    rows = await _rows(web, "SELECT who, action FROM chat.audit ORDER BY id DESC LIMIT 3")
    assert [tuple(row) for row in reversed(rows)] == [
        ("sam", "sign_in"),
        ("sam", "sign_in_failed"),
        ("unknown name", "sign_in_failed"),
    ]
