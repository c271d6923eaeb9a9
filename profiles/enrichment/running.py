"""Asks a partner about customers, some at a time, and keeps the answers: each batch in one transaction."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.consent import in_force
from profiles.enrichment.client import Answer, PartnerClient, UnusableAnswer
from profiles.enrichment.partners import Partner
from profiles.quality.normalise.contacts import email_of
from profiles.store import Store
from profiles.traits.write import TraitWrite, write_traits
from profiles.views import statements_of

#: Asked about before anything is written, and of these so many at the same time.
BATCH = 40
AT_ONCE = 4

#: Whoever the partner has told us about, or has said it does not know, is not asked about until that runs out.
_DUE = text("""
    SELECT customer_id, email FROM profiles.customers AS c
    WHERE customer_id > :after AND email IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM profiles.traits AS t
        WHERE t.customer_id = c.customer_id AND t.name = ANY (CAST(:names AS text[])) AND t.source = :source
            AND t.expires_at > :now)
    ORDER BY customer_id LIMIT :batch
""")
_LOCK = text("""
    SELECT customer_id FROM profiles.customers WHERE customer_id = ANY (CAST(:ids AS text[]))
    ORDER BY customer_id FOR NO KEY UPDATE
""")


@dataclass
class Enriched:
    """What came of it.

    Attributes:
        refused_by_customer: they do not allow the purpose (or withdrew it while we asked): not asked about, or not kept.
        asked: about whom the partner was asked; in a dry run, would have been.
        known: of whom the partner told anything.
        values: that were kept; `unfit` ones were not, for the attribute is not so.
        unusable: answers that could not be understood.
        stopped: why it ended early, if it did.
    """

    refused_by_customer: int = 0
    asked: int = 0
    known: int = 0
    values: int = 0
    unfit: int = 0
    unusable: int = 0
    stopped: Exception | None = None


@dataclass(frozen=True)
class _Person:
    customer_id: str
    email: str

    @property
    def email_sha256(self) -> str:
        return hashlib.sha256(self.email.encode()).hexdigest()


@dataclass
class Enrichment:
    """One run.

    Attributes:
        client: None for a dry run: nobody is asked, for to ask is to tell.
        limit: how many customers to ask about at most.
        progress: is told after each batch how far it is.
    """

    store: Store
    partner: Partner
    client: PartnerClient | None
    limit: int | None = None
    progress: Callable[[Enriched], None] = lambda _: None

    async def run(self) -> Enriched:
        """Ask about all who are due. What was answered is kept also when the partner fails later on."""
        done, after = Enriched(), ""
        while self.limit is None or done.asked < self.limit:
            people, after = await self._due(done, after)
            if not after:
                break
            if self.limit is not None:
                people = people[: self.limit - done.asked]
            if self.client is None:
                done.asked += len(people)
            elif people:
                await self._batch(self.client, people, done)
            self.progress(done)
            if done.stopped is not None:
                break
        return done

    async def _due(self, done: Enriched, after: str) -> tuple[list[_Person], str]:
        """The next customers who allow it, and the id after which it goes on; empty at the end."""
        now = datetime.now(UTC)
        parameters = {
            "after": after,
            "names": [one.attribute for one in self.partner.fields.values()],
            "source": self.partner.source,
            "now": now,
            "batch": BATCH,
        }
        async with self.store.engine.connect() as connection:
            rows = (await connection.execute(_DUE, parameters)).all()
            allowed = await self._allowed(connection, [row.customer_id for row in rows], now)
        done.refused_by_customer += len(rows) - len(allowed)
        people = [
            _Person(row.customer_id, email_of(address) or address)
            for row in rows
            if row.customer_id in allowed
            for address in [self.store.vault.open(row.customer_id, "email", row.email)]
        ]
        return people, rows[-1].customer_id if rows else ""

    async def _allowed(self, connection: AsyncConnection, ids: Sequence[str], now: datetime) -> set[str]:
        said = await statements_of(connection, ids)
        return {one for one in ids if in_force(said.get(one, []), now)[self.partner.purpose]}

    async def _batch(self, client: PartnerClient, people: Sequence[_Person], done: Enriched) -> None:
        at_once = asyncio.Semaphore(AT_ONCE)

        async def ask(person: _Person) -> Answer | None:
            async with at_once:
                if done.stopped is not None:
                    raise done.stopped
                try:
                    done.asked += 1
                    return await client.ask(person.email_sha256)
                except UnusableAnswer:
                    raise
                except Exception as error:
                    done.stopped = done.stopped or error
                    raise

        answers = await asyncio.gather(*(ask(person) for person in people), return_exceptions=True)
        done.unusable += sum(isinstance(answer, UnusableAnswer) for answer in answers)
        given = {
            person.customer_id: answer
            for person, answer in zip(people, answers, strict=True)
            if not isinstance(answer, BaseException)
        }
        if given:
            await self._keep(given, done)

    async def _keep(self, given: dict[str, Answer | None], done: Enriched) -> None:
        """Those who have been erased meanwhile, or have said no, are left out."""
        now = datetime.now(UTC)
        async with self.store.engine.begin() as connection:
            there = list((await connection.scalars(_LOCK, {"ids": list(given)})).all())
            ids = sorted(await self._allowed(connection, there, now))
            done.refused_by_customer += len(there) - len(ids)
            writes = [write for one in ids for write in self._writes(one, given[one], now)]
            done.known += sum(bool((answer := given[one]) and answer.attributes) for one in ids)
            written = await write_traits(connection, self.store.vault, writes)
            empty = sum(write.value is None for write in writes)
            done.values += written.added - empty
            done.unfit += written.refused
            changes = await self.store.follow_up(
                connection, sorted(written.customers), now, forget_stale=False
            )
            by, what = acting(), f"asked {self.partner.source}, changed: traits"
            await note(
                connection, [Entry(by.who, what, self.store.vault.pseudonym(one), by.why) for one in there]
            )
        await self.store.tell_cache(changes)

    def _writes(self, customer_id: str, answer: Answer | None, now: datetime) -> list[TraitWrite]:
        """A value for each attribute; none where the partner has none, which takes back what it said before."""
        answer = answer or Answer()
        until = now + timedelta(days=self.partner.valid_days)
        if answer.expires_at is not None:
            until = min(until, answer.expires_at)
        message_id = f"{self.partner.source}-{uuid4()}"
        return [
            TraitWrite(
                customer_id,
                one.attribute,
                one.ours(answer.attributes.get(name)),
                self.partner.source,
                now,
                message_id,
                expires_at=until,
                licence=answer.licence or self.partner.licence,
            )
            for name, one in self.partner.fields.items()
        ]
