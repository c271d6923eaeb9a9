"""Teaching on a migrated database, a copy of small data, and a profile service that knows who consents."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio
from fastapi import Request
from fastapi.responses import JSONResponse
from psycopg.types.json import Jsonb

from ops.postgres import Postgres
from tests.web.servers import PROFILES_KEY, FakeProfiles, served
from web.training.service import Training
from web.training.settings import REPOSITORY, TrainingSettings

TRAINER = "b9a3a5a2-5a0b-4b0e-9c55-0d5f3f6c7f11"

DOMAIN = """\
version: "3.1"
intents: [track_order, cancel_order, get_refund, out_of_scope]
entities: [order_id, product, date, money, email, phone, person, card_number, place]
"""

ORDERS = """\
# Orders on their way.
# "Cancel it and refund me" is cancel_order.
version: "3.1"

nlu:
  - intent: track_order
    examples: |
      - where is my order
      - when does [RP-100234](order_id) arrive
      - track my parcel

      - has it been sent yet
  # Only what has not left yet.
  - intent: cancel_order
    examples: |
      - cancel my order
      - call it off
      - i do not want the [kettle](product) any more
"""

OTHER = """\
version: "3.1"
nlu:
- intent: get_refund   # money, not goods
  examples: |
    - i want my money back
    - refund please
    - pay me back
- intent: out_of_scope
  examples: |
    - sing me a song
    - will it rain tomorrow
    - who won the match
- intent: track_order
  examples: |
    - any news of my delivery
"""

MOODS = """\
version: 1
sentiment:
  - label: angry
    examples: |-
      - this is a disgrace
      - you useless lot
      - I am furious
  - label: neutral
    examples: |-
      - the blue one
      - my name is Ann
      - what time do you close
"""


@pytest.fixture(scope="session")
def migrated(postgres: Postgres) -> str:
    """One migrated database for the room's tests."""
    postgres.create_database("training")
    url = postgres.url_of("training")
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "0005"],
        env={**os.environ, "DATABASE_URL": url},
        check=True,
        capture_output=True,
    )
    return url


@pytest.fixture
def training_database(migrated: str) -> str:
    """The same, emptied but for the audit log, which nothing empties."""
    with psycopg.connect(migrated) as connection:
        connection.execute("TRUNCATE chat.conversations, chat.staff, training.reviews CASCADE")
    return migrated


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with little data."""
    root = tmp_path / "checkout"
    for path, content in (
        ("domain.yml", DOMAIN),
        ("data/rasa/nlu/orders.yml", ORDERS),
        ("data/rasa/nlu/other.yml", OTHER),
        ("data/sentiment/shop.yml", MOODS),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    (root / "data/variants").mkdir()
    shutil.copytree(REPOSITORY / "data/decisions", root / "data/decisions")
    return root


class ConsentingProfiles(FakeProfiles):
    """Knows the consents of each customer; whoever is not named has given none to training."""

    def __init__(self) -> None:
        super().__init__()
        self.training: set[str] = set()
        self.asked: list[str] = []

    async def _customer(self, request: Request, customer_id: str, purpose: str = "service") -> JSONResponse:
        self.asked.append(customer_id)
        self.consent = {**self.consent, "training": customer_id in self.training}
        return await super()._customer(request, customer_id, purpose)


@pytest_asyncio.fixture(loop_scope="session")
async def profiles() -> ConsentingProfiles:
    return ConsentingProfiles()


@pytest_asyncio.fixture(loop_scope="session")
async def profiles_url(profiles: ConsentingProfiles) -> AsyncIterator[str]:
    async with served(profiles.app) as url:
        yield url


@pytest.fixture
def training_settings(
    training_database: str, redis_url: str, profiles_url: str, checkout: Path, tmp_path: Path
) -> TrainingSettings:
    values: dict[str, Any] = {
        "database_url": training_database,
        "redis_url": redis_url,
        "profiles_url": profiles_url,
        "profiles_key": PROFILES_KEY,
        "state": tmp_path / "state",
        "repository": checkout,
    }
    return TrainingSettings(**values)


@pytest_asyncio.fixture(loop_scope="session")
async def training(training_settings: TrainingSettings) -> AsyncIterator[Training]:
    made = Training(training_settings)
    yield made
    await made.close()


@dataclass
class Said:
    """Puts messages of customers, and what the bot made of them, into the record."""

    url: str
    profiles: ConsentingProfiles
    minutes: int = 0
    staff: UUID = field(default_factory=uuid4)

    def __call__(
        self,
        text: str,
        intent: str = "track_order",
        confidence: float = 0.4,
        *,
        ranking: list[tuple[str, float]] | None = None,
        alternatives: list[str] | None = None,
        wishes: list[str] | None = None,
        entities: list[tuple[str, str]] | None = None,
        customer: str | None = "C000001",
        consents: bool = True,
        mark: tuple[str | None, str | None] | None = None,
        objected: bool = False,
    ) -> UUID:
        """One message in a conversation of its own, each a minute later than the one before."""
        if customer and consents:
            self.profiles.training.add(customer)
        self.minutes += 1
        conversation, turn = uuid4(), uuid4()
        parse = {
            "intent": {"name": intent, "confidence": confidence},
            "intent_ranking": [
                {"name": name, "confidence": share} for name, share in ranking or [(intent, confidence)]
            ],
            "alternatives": [{"name": name, "confidence": 0.4} for name in alternatives or []],
            "wishes": wishes or [],
            "entities": [
                {
                    "entity": kind,
                    "value": words,
                    "start": text.index(words),
                    "end": text.index(words) + len(words),
                }
                for kind, words in entities or []
            ],
            "sentiment": {"label": "neutral", "confidence": 0.9},
        }
        with psycopg.connect(self.url) as connection:
            connection.execute(
                "INSERT INTO chat.conversations (id, customer_id, last_seq) VALUES (%s, %s, 1)",
                [conversation, customer],
            )
            connection.execute(
                "INSERT INTO chat.events (conversation_id, seq, type, role, payload)"
                " VALUES (%s, 1, 'message', 'customer', %s)",
                [conversation, Jsonb({"text": text})],
            )
            connection.execute(
                "INSERT INTO chat.turns (turn_id, conversation_id, seq, status, process, parse, created_at)"
                " VALUES (%s, %s, 1, 'answered', 'p', %s, now() - interval '1 day' + %s * interval '1 minute')",
                [turn, conversation, Jsonb(parse), self.minutes],
            )
            if objected:
                connection.execute(
                    "INSERT INTO chat.turns (turn_id, conversation_id, seq, status, process, decision)"
                    " VALUES (%s, %s, 2, 'answered', 'p', %s)",
                    [uuid4(), conversation, Jsonb({"misread": {"turn_id": str(turn)}})],
                )
            if mark is not None:
                connection.execute(
                    "INSERT INTO chat.staff (staff_id, name, display_name, role, password_hash)"
                    " VALUES (%s, 'sam', 'Sam', 'agent', '-') ON CONFLICT DO NOTHING",
                    [self.staff],
                )
                connection.execute(
                    "INSERT INTO chat.marks (conversation_id, seq, staff_id, intent, comment)"
                    " VALUES (%s, 1, %s, %s, %s)",
                    [conversation, self.staff, *mark],
                )
        return conversation

    def erase(self, conversation: UUID) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute("DELETE FROM chat.conversations WHERE id = %s", [conversation])


@pytest.fixture
def said(training_database: str, profiles: ConsentingProfiles) -> Said:
    return Said(training_database, profiles)


Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def query(training_database: str) -> Query:
    """Rows of the database."""

    def rows(statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(training_database) as connection:
            return connection.execute(statement.encode()).fetchall()

    return rows
