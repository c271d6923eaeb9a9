"""People of whom there is something in every store."""

import base64
import json
import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from redis.asyncio import Redis

from demo.identity import email_hash
from demo.shop.sealing import Sealer
from profiles.crypto import Vault
from profiles.events.dead import DeadLetters, dead_event
from profiles.events.envelope import dump
from profiles.events.sealed_entries import open_entry, seal_entry
from profiles.events.stream import EVENTS
from profiles.lake.lake import Lake
from profiles.protocol import READS_STREAM
from profiles.rights.places import Surroundings
from profiles.rights.stores import declared
from profiles.store import Store
from profiles.worker.chunks import Chunks
from tests.profiles.conftest import DATA_KEY, days_ago, record
from tests.profiles.emptying import empty
from tests.profiles.lake.listed import days_in
from tests.profiles.worker.events import event

NOW = datetime.now(UTC)


@dataclass
class Person:
    """One customer, and whatever tells who they are."""

    customer_id: str
    first_name: str
    last_name: str
    email: str
    device: str
    conversation: uuid.UUID = field(default_factory=uuid.uuid4)
    number: int = 1

    @property
    def order_id(self) -> str:
        return f"RP-10000{self.number}"

    @property
    def needles(self) -> list[str]:
        """What must be found nowhere once they are erased."""
        return [self.customer_id, self.first_name, self.last_name, self.email, self.device, "Kestrel Row"]


WILHELMINA = Person("C0ERASE77", "Wilhelmina", "Quirke", "wilhelmina.quirke@example.org", "browser-of-w-77")
BORIS = Person("C0STAYS01", "Boris", "Adeyemi", "boris@example.org", "browser-of-b-01", number=2)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
async def around(
    store: Store, customers_url: str, redis_url: str, state: Path
) -> AsyncIterator[Surroundings]:
    empty(customers_url, "chat", "shop", "training")
    async with Redis.from_url(redis_url) as redis:
        yield Surroundings(store.engine, store.vault, DATA_KEY, redis, state, declared())


async def fill(person: Person, store: Store, around: Surroundings, url: str) -> None:
    """Let there be something of them everywhere."""
    home = {"line1": "7 Kestrel Row", "city": "Leeds", "postcode": "LS1 4XX", "country": "GB"}
    await store.write(
        [
            record(
                person.customer_id,
                first_name=person.first_name,
                last_name=person.last_name,
                email=person.email,
                address=home,
                interactions=[
                    {
                        "interaction_id": f"chat-{person.conversation}",
                        "channel": "chat",
                        "occurred_at": days_ago(2),
                        "summary": {"text": f"{person.first_name} was charged twice"},
                    }
                ],
            )
        ]
    )
    them = {"user_id": person.customer_id}
    events = [
        event(f"{person.number}-1", anonymous_id=person.device),
        event(
            f"{person.number}-2",
            "identify",
            **them,
            anonymous_id=person.device,
            traits={"email": person.email, "firstName": person.first_name, "favourite_colour": "green"},
        ),
        event(
            f"{person.number}-3", **them, event="Order Completed", properties={"order_id": person.order_id}
        ),
    ]
    await Chunks(store, Vault(DATA_KEY), DeadLetters(around.redis, store.vault)).apply(events)
    lake = Lake(around.state / "lake" / "events", around.engine, around.vault)
    await lake.add([*events, event(f"{person.number}-lake", user_id="C0OTHERS")], f"{person.number}-0_9-9")
    await _fill_redis(person, store, around.redis)
    with psycopg.connect(url) as connection:
        _fill_shop(person, connection, home)
        _fill_chat(person, connection)
    log = around.state / "logs" / "actions.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as opened:
        opened.write(f"event='profile not read' customer_id='{person.customer_id}' service='actions'\n")


async def _fill_redis(person: Person, store: Store, redis: Redis) -> None:
    for purpose in ("service", "personalisation"):
        await store.view(person.customer_id, purpose)  # type: ignore[arg-type]
    await redis.rpush(
        f"tracker:{{{person.conversation}}}:events", json.dumps({"text": f"I'm {person.first_name}"})
    )  # type: ignore[misc]
    await redis.hset(f"tracker:{{{person.conversation}}}:opening", "events", f'["{person.customer_id}"]')  # type: ignore[misc]
    await redis.set(f"turn:{{{person.conversation}}}:1", json.dumps({"to": person.email}))
    await redis.set(f"conversation:{person.conversation}:epoch", 1)
    word = {"key": "k", "customer": person.customer_id, "purpose": "service", "from": "cache"}
    await redis.xadd(READS_STREAM, word)
    waiting = [
        event(f"{person.number}-w", user_id=person.customer_id),
        event("of-somebody-else", user_id="C0OTHERS"),
    ]
    await redis.xadd(EVENTS, {"__data__": seal_entry(store.vault, dump(waiting))})
    lost = event(f"{person.number}-d", user_id=person.customer_id, properties={"sku": person.email})
    await DeadLetters(redis, store.vault).put([dead_event(lost, "sku is no sku")])


def _fill_shop(person: Person, connection: "psycopg.Connection[Any]", home: dict[str, Any]) -> None:
    sealer, own, number = Sealer(DATA_KEY), email_hash(person.email, DATA_KEY), person.number
    order, customer = person.order_id, person.customer_id

    def insert(table: str, **row: Any) -> None:
        columns = ", ".join(row)
        places = ", ".join(f"%({name})s" for name in row)
        connection.execute(f"INSERT INTO shop.{table} ({columns}) VALUES ({places})", row)  # noqa: S608

    insert("customers", customer_id=customer, email_hash=own)
    insert(
        "accounts",
        customer_id=customer,
        sealed_name=sealer.seal(f"name:{customer}", f"{person.first_name} {person.last_name}"),
        sealed_email=sealer.seal(f"email:{customer}", person.email),
        sealed_phone=sealer.seal(f"phone:{customer}", "+44 7700 900123"),
        created_at=NOW,
    )
    insert(
        "orders",
        order_id=order,
        customer_id=customer,
        status="delivered",
        total=49,
        delivery_fee=0,
        discount=0,
        payment_method="card",
        placed_at=NOW - timedelta(days=40),
        sealed_address=sealer.seal(f"order:{order}", home),
    )
    insert("order_items", order_id=order, line=1, sku="HV-KT-01", name="Kettle", quantity=1, price=49)
    insert(
        "payments",
        payment_id=f"P{number}",
        order_id=order,
        amount=49,
        status="captured",
        method="card",
        at=NOW,
    )
    insert(
        "returns",
        return_id=f"R{number}",
        order_id=order,
        skus=Jsonb([]),
        reason=f"{person.first_name} says so",
        requested_at=NOW,
    )
    insert(
        "cases",
        case_id=f"CS{number}",
        order_id=order,
        sku="HV-KT-01",
        kind="defect",
        problem=f"{person.last_name}: leaks",
        remedy="repair",
        status="open",
        opened_at=NOW,
        answer_by=NOW.date(),
    )
    insert(
        "addresses",
        address_id=f"A{number}",
        customer_id=customer,
        sealed_address=sealer.seal(f"address:A{number}", home),
        is_default=True,
        added_at=NOW,
    )
    insert(
        "account_changes",
        change_id=f"CH{number}",
        customer_id=customer,
        field="email",
        sealed_value=sealer.seal(f"change:CH{number}", person.email),
        asked_at=NOW,
        valid_until=NOW,
    )
    insert(
        "links",
        token_hash=os.urandom(8),
        kind="make_change",
        about=Jsonb({"change_id": f"CH{number}"}),
        valid_until=NOW,
    )
    insert(
        "links",
        token_hash=os.urandom(8),
        kind="newsletter",
        about=Jsonb({"email_hash": own.hex()}),
        valid_until=NOW,
    )
    insert("subscriptions", email_hash=own, topic="offers", since=NOW)
    insert(
        "outbox",
        message_id=f"MS-{number}",
        kind="letter",
        recipient_hash=own,
        sealed_message=sealer.seal(
            f"message:MS-{number}", {"to": person.email, "subject": "Hello", "body": "…"}
        ),
        at=NOW,
    )
    insert(
        "acts",
        act_id=f"AC{number}",
        kind="address",
        customer_id=customer,
        order_id=order,
        sealed_before=sealer.seal(f"act:AC{number}", home),
        done_at=NOW,
        undo_until=NOW,
    )
    insert(
        "done_requests",
        key=f"turn-{number}",
        fingerprint="f",
        sealed_document=sealer.seal(f"answer:turn-{number}", {"order_id": order}),
    )
    insert("events", customer_id=customer, at=NOW, kind="login")
    insert("truth", customer_id=customer, behaviour="loyal")


def _fill_chat(person: Person, connection: "psycopg.Connection[Any]") -> None:
    staff, review, learnt = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    it = person.conversation
    run = connection.execute
    run(
        "INSERT INTO chat.staff (staff_id, name, display_name, role, password_hash) VALUES (%s, %s, 'Sam', 'agent', 'x')",
        [staff, f"sam{person.number}"],
    )
    run(
        "INSERT INTO chat.conversations (id, customer_id, customer_name) VALUES (%s, %s, %s)",
        [it, person.customer_id, person.first_name],
    )
    run(
        "INSERT INTO chat.events (conversation_id, seq, type, role, payload) VALUES (%s, 1, 'message', 'customer', %s)",
        [it, Jsonb({"text": f"I'm {person.first_name} {person.last_name}, {person.email}"})],
    )
    run(
        "INSERT INTO chat.turns (turn_id, conversation_id, seq, status, process, parse) VALUES (%s, %s, 1, 'answered', 'p', %s)",
        [uuid.uuid4(), it, Jsonb({"text": person.email})],
    )
    run(
        "INSERT INTO chat.quick_replies (id, conversation_id, title, command) VALUES (%s, %s, 'Yes', '{}')",
        [uuid.uuid4().hex, it],
    )
    run(
        "INSERT INTO chat.outbox (conversation_id, payload) VALUES (%s, %s)",
        [it, Jsonb({"customer_id": person.customer_id})],
    )
    run(
        "INSERT INTO chat.notes (note_id, conversation_id, staff_id, text) VALUES (%s, %s, %s, %s)",
        [uuid.uuid4(), it, staff, f"{person.first_name} is upset"],
    )
    run(
        "INSERT INTO chat.marks (conversation_id, seq, staff_id, comment) VALUES (%s, 1, %s, %s)",
        [it, staff, person.last_name],
    )
    run(
        "INSERT INTO chat.audit (staff_id, who, action, conversation_id, customer_id, reason) VALUES (%s, 'sam', 'read_customer', %s, %s, %s)",
        [staff, it, person.customer_id, f"{person.first_name} rang"],
    )
    run(
        "INSERT INTO training.messages (conversation_id, seq, text, draft, spans) VALUES (%s, 1, 'I am [name]', 'I am Ann', '[]')",
        [it],
    )
    for one, written in ((review, None), (learnt, NOW)):
        run(
            "INSERT INTO training.reviews (review_id, action, intent, text, utterances, understood_as, confidence, decided_by, written_at) VALUES (%s, 'accept', 'greet', 'I am [name]', '[\"I am Ann\"]', 'greet', 0.4, 'tess', %s)",
            [one, written],
        )
    run(
        "INSERT INTO training.review_messages (conversation_id, seq, review_id) VALUES (%s, 1, %s), (%s, 2, %s)",
        [it, review, it, learnt],
    )


def found_in_tables(url: str, needles: list[str]) -> list[str]:
    """Tables of all schemas with one of the needles in any column of any row."""
    found = []
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            for needle in needles:
                hexadecimal, encoded = needle.encode().hex(), base64.b64encode(needle.encode()).decode()[:-4]
                [count] = connection.execute(
                    f"SELECT count(*) FROM {table} AS t WHERE t::text ILIKE ANY (%s)",  # noqa: S608
                    [[f"%{form}%" for form in (needle, hexadecimal, encoded) if form]],
                ).fetchone() or (0,)
                if count:
                    found.append(f"{table}: {needle}")
    return found


async def found_in_redis(redis: Redis, needles: list[str]) -> list[str]:
    """Keys that hold one of the needles in their name or their bytes."""
    found = []
    async for key in redis.scan_iter():
        whole = key + (await redis.dump(key) or b"") + b" ".join(await _entries(redis, key))
        found += [f"{key!r}: {needle}" for needle in needles if needle.encode() in whole]
    return found


async def _entries(redis: Redis, key: bytes) -> list[bytes]:
    """What is in a stream, opened: its dump may be compressed, and hides what is sealed."""
    entries: Any = await redis.xrange(key) if await redis.type(key) == b"stream" else []
    vault = Vault(DATA_KEY)
    return [open_entry(vault, value) for _, fields in entries for value in fields.values()]


async def found_in_files(around: Surroundings, needles: list[str]) -> list[str]:
    """Files whose raw bytes hold one of the needles; and the lake, opened."""
    found = []
    for file in around.state.rglob("*"):
        if file.is_file():
            found += [f"{file.name}: {one}" for one in needles if one.encode() in file.read_bytes()]
    lake = Lake(around.state / "lake" / "events", around.engine, around.vault)
    for day in await days_in(around.engine):
        rows = str((await lake.read(day)).to_pylist())
        found += [f"lake of {day}: {one}" for one in needles if one in rows]
    return found


async def found(around: Surroundings, url: str, needles: list[str]) -> list[str]:
    """Wherever one of the needles still is."""
    return [
        *found_in_tables(url, needles),
        *await found_in_redis(around.redis, needles),
        *await found_in_files(around, needles),
    ]
