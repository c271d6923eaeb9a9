"""One run: reads what sources said and sent, measures it, keeps the report, and tells what is new in it."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median

from pydantic import ValidationError
from redis import RedisError
from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from common.logs import get_logger
from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.crypto import Vault
from profiles.events.dead import DeadLetters
from profiles.events.envelope import parse
from profiles.quality.profiling import profile
from profiles.quality.reading import (
    Arrivals,
    arrivals,
    customers_seen,
    imputed_counts,
    last_said,
    sample_step,
    undeclared_keys,
    values_said,
)
from profiles.quality.report import REPORT, Imputed, Report, Volume, alarms_of, known_since
from profiles.quality.rules import Rules
from profiles.quality.schemas import registry
from profiles.quality.scores import of_sources, score_all
from profiles.quality.tables import QualityRun
from profiles.quality.volumes import DAY, odd_days, past_of, silence, usual
from profiles.traits.versions import schema_in_force

log = get_logger(__name__)

KEPT_DAYS = 365
#: A score is compared with its median in the runs of so many days.
USUAL_DAYS = 7
#: What is shown of the volume of a source.
SHOWN_DAYS = 42
MOST_LETTERS = 10_000
#: Properties are those of the newest events of so many days.
KEY_DAYS, MOST_EVENTS = 7, 50_000

#: Of older runs the last of each day is enough.
_FORGET = text("""
    DELETE FROM profiles.quality_runs AS r
    WHERE at < :now - :kept * interval '1 day' OR (at < :now - :every * interval '1 day' AND EXISTS (
        SELECT FROM profiles.quality_runs AS later
        WHERE later.at > r.at AND date_trunc('day', later.at, 'UTC') = date_trunc('day', r.at, 'UTC')))
""")
_HISTORY = text("""
    SELECT at, report->'sources' AS sources FROM profiles.quality_runs
    WHERE at IN (SELECT max(at) FROM profiles.quality_runs WHERE at >= :since GROUP BY date_trunc('day', at, 'UTC'))
    ORDER BY at
""")


async def make_report(engine: AsyncEngine, redis: Redis, vault: Vault, rules: Rules) -> Report:
    """Measure everything as it is now. Nothing is written but an entry in the audit log: values are opened.

    Raises:
        traits.declared.BadDeclaration
    """
    now = datetime.now(UTC)
    async with engine.begin() as connection:
        schema = await schema_in_force(connection)
        customers, every = await sample_step(connection, rules.customers)
        values = await values_said(connection, vault, schema, every, now)
        rows = await customers_seen(connection, every)
        came = await arrivals(connection, now - timedelta(days=max(rules.alarms.past_days, SHOWN_DAYS) + 1))
        spoke = await last_said(connection)
        imputed = [Imputed(*row) for row in await imputed_counts(connection)]
        strange = await undeclared_keys(connection, registry(), now - timedelta(days=KEY_DAYS), MOST_EVENTS)
        earlier = await reports(connection, now - timedelta(days=USUAL_DAYS))
        by = acting()
        await note(connection, [Entry(by.who, "quality of the data", None, by.why)])
    scores = await asyncio.to_thread(score_all, values, schema, rules, now)
    laid_aside = await _laid_aside(redis, vault)
    today = now.date()
    alarms = alarms_of(
        [
            one
            for source, found in came.items()
            for one in odd_days(source, found.by_day, today, rules.alarms)
        ],
        [
            one
            for source, found in came.items()
            if (
                one := silence(
                    source,
                    list(found.by_day),
                    max(found.last, spoke.get(source, found.last)),
                    now,
                    rules.alarms,
                )
            )
        ],
        {(one.source, one.attribute): one.score for one in scores},
        _usual_scores(earlier),
        laid_aside,
        now=now,
        rules=rules.alarms,
    )
    shown = {attribute.name for attribute in schema.attributes if attribute.sensitivity != "ordinary"}
    return Report(
        at=now,
        customers=customers,
        looked_at=len(rows),
        sources=of_sources(scores),
        scores=scores,
        volumes=[_volume(source, found, today, rules.alarms.past_days) for source, found in came.items()],
        laid_aside=laid_aside,
        alarms=known_since(alarms, earlier[-1].alarms if earlier else []),
        imputed=imputed,
        undeclared=strange,
        columns=await asyncio.to_thread(profile, rows, shown),
    )


async def keep(engine: AsyncEngine, report: Report) -> None:
    """Keep the report, forget old ones, and log each alarm that the one before did not have."""
    async with engine.begin() as connection:
        before = await latest(connection)
        content = REPORT.dump_python(report, mode="json")
        await connection.execute(
            insert(QualityRun).values(at=report.at, report=content).on_conflict_do_nothing()
        )
        old = {"now": report.at, "kept": KEPT_DAYS, "every": USUAL_DAYS}
        await connection.execute(_FORGET, old)
    known = {alarm.key for alarm in before.alarms} if before else set()
    for alarm in report.alarms:
        if alarm.key not in known:
            log.warning(
                "data quality alarm", kind=alarm.kind, source=alarm.source, about=alarm.about, text=alarm.text
            )
    for key in known - {alarm.key for alarm in report.alarms}:
        kind, source, about = key
        log.info("data quality alarm is over", kind=kind, source=source, about=about)


async def latest(connection: AsyncConnection) -> Report | None:
    """The newest report that can be read."""
    query = select(QualityRun.report).order_by(QualityRun.at.desc()).limit(1)
    content = await connection.scalar(query)
    return None if content is None else _read(content)


async def reports(connection: AsyncConnection, since: datetime) -> list[Report]:
    """The reports since then, the oldest first."""
    query = select(QualityRun.report).where(QualityRun.at >= since).order_by(QualityRun.at)
    found = (_read(content) for content in (await connection.scalars(query)).all())
    return [report for report in found if report is not None]


async def history(connection: AsyncConnection, since: datetime) -> list[tuple[datetime, dict[str, float]]]:
    """The scores of the sources in the last run of each day, the oldest first."""
    return [(row.at, row.sources) for row in (await connection.execute(_HISTORY, {"since": since})).all()]


def _read(content: object) -> Report | None:
    """None for a report of a version of this program that wrote it otherwise."""
    try:
        return REPORT.validate_python(content)
    except ValidationError:
        return None


def _usual_scores(earlier: Sequence[Report]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for report in earlier:
        for one in report.scores:
            found[one.source, one.attribute].append(one.score)
    return {key: median(scores) for key, scores in found.items()}


def _volume(source: str, found: Arrivals, today: date, past_days: int) -> Volume:
    past = past_of(found.by_day, today, past_days)
    counts = past_of(found.by_day, today + DAY, SHOWN_DAYS)
    return Volume(source, today, counts, usual(past).median if past else None, found.last)


async def _laid_aside(redis: Redis, vault: Vault) -> dict[str, int]:
    """Dead letters by source; none when Redis is away, for that is told elsewhere."""
    counts: Counter[str] = Counter()
    try:
        async for _, letter in DeadLetters(redis, vault).read():
            try:
                counts.update(event.source for event in parse(letter.body))
            except ValidationError:
                counts["unreadable"] += 1
            if counts.total() >= MOST_LETTERS:
                break
    except RedisError as error:
        log.warning("dead letters not counted", error=error)
    return dict(sorted(counts.items()))
