"""What the profile service takes and gives: events applied, event to visible, reads, and all of it at a million.

PostgreSQL, Redis, the service and its worker run as `make up` runs them, on fresh data and with everything on (auth,
limits, schemas, consent, audit log, lake). They and this program share the machine's processors.
"""

import asyncio
import json
import platform
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from bench.posting import batches, post, request_of, session, singles
from bench.profile_system import READ_KEY, WRITE_KEY, ProfileSystem
from profiles.client import ProfilesClient

RESULTS = Path(__file__).parent / "results"
FEW = 20_000
PROBES = 60
READS = 2_000

_ADD = """
    INSERT INTO profiles.customers (customer_id, first_name, signed_up_at, facts, attributes)
    SELECT 'B' || lpad(n::text, 7, '0'), 'Ana', now() - interval '400 days', f, f || '{{"signed_up_at": "2025-10-01T00:00:00Z"}}'
    FROM generate_series({first}, {last}) AS n,
        LATERAL (SELECT jsonb_build_object('orders_total', n % 40, 'orders_90d', n % 5, 'spend_total', n % 4000) AS f) AS facts;
    INSERT INTO profiles.consents (customer_id, purpose, at, granted, source, version)
    SELECT 'B' || lpad(n::text, 7, '0'), purpose, now() - interval '400 days', true, 'sign-up form', '1'
    FROM generate_series({first}, {last}) AS n, unnest(ARRAY['personalisation', 'analytics']) AS purpose;
    INSERT INTO profiles.memberships (customer_id, segment)
    SELECT 'B' || lpad(n::text, 7, '0'), 'casual' FROM generate_series({first}, {last}) AS n ON CONFLICT DO NOTHING;
    INSERT INTO profiles.daily_activity (customer_id, day, name, count, amount, last_at)
    SELECT 'B' || lpad(n::text, 7, '0'), current_date - (n % 60 + 10), 'Product Viewed', 3, 0, now()
    FROM generate_series({first}, {last}) AS n
"""


@dataclass(frozen=True)
class Rate:
    """Events accepted and applied.

    Attributes:
        per_second: from the first request until the last event is applied.
        processor_ms: of each process for one event, on average.
        per_free_second: what the machine's processors would allow if nothing else ran on them, by the time that
            they spent; at most one processor for each process.
        accept_p95_ms: how long a request took.
    """

    events: int
    per_second: float
    per_free_second: float
    processor_ms: dict[str, float]
    accept_p95_ms: float


@dataclass(frozen=True)
class Times:
    """Milliseconds."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Reads:
    """Reads of a profile through the client, one after the other.

    Attributes:
        not_cached_processor_ms: what service and servers spent on one, whatever else ran on the machine.
    """

    cached: Times
    not_cached: Times
    not_cached_processor_ms: float


def _times(seconds: list[float]) -> Times:
    p50, p95 = np.percentile(np.asarray(seconds) * 1000, [50, 95])
    return Times(round(float(p50), 2), round(float(p95), 2))


async def _rate(system: ProfileSystem, requests: list[bytes], events: int, connections: int) -> Rate:
    before, applied = system.processor_seconds(), system.worker_health()["applied"]
    began = perf_counter()
    taken = await post(system.port, requests, connections)
    while system.worker_health()["applied"] - applied < events:  # noqa: ASYNC110  (another process)
        await asyncio.sleep(0.02)
    seconds = perf_counter() - began
    after = system.processor_seconds()
    spent = {name: after[name] - before[name] for name in before}
    busy = max(sum(spent.values()) / (psutil.cpu_count() or 1), spent["profiles"], spent["worker"])
    return Rate(
        events=events,
        per_second=round(events / seconds),
        per_free_second=round(events / busy),
        processor_ms={name: round(value / events * 1000, 3) for name, value in spent.items()},
        accept_p95_ms=_times(taken).p95,
    )


async def _reads(system: ProfileSystem, customers: int) -> Reads:
    ids = [f"B{n:07}" for n in random.sample(range(customers), 2 * READS)]
    async with ProfilesClient(system.url, READ_KEY, system.redis.url, timeout=5) as client:

        async def read(customer_id: str) -> None:
            view = await client.view(customer_id, "personalisation")
            if not view.attributes:
                raise RuntimeError("an empty view was read")

        await _timed(read, ids[READS:])  # warm
        before = sum(system.processor_seconds().values())
        first = await _timed(read, ids[:READS])
        spent = sum(system.processor_seconds().values()) - before
        again = await _timed(read, ids[:READS])
    return Reads(_times(again), _times(first), round(spent / READS * 1000, 2))


async def _timed(read: Callable[[str], Awaitable[None]], ids: list[str]) -> list[float]:
    taken = []
    for customer_id in ids:
        began = perf_counter()
        await read(customer_id)
        taken.append(perf_counter() - began)
    return taken


async def _visible(system: ProfileSystem, customers: int, per_second: float) -> Times:
    """From posting an event until the client shows it, while batches come in at a steady rate."""
    load = batches(system.port, WRITE_KEY, int(per_second * PROBES * 0.35), customers)
    posting = asyncio.create_task(post(system.port, load, 4, per_second / 50))
    taken: list[float] = []
    async with ProfilesClient(system.url, READ_KEY, system.redis.url, timeout=5) as client:
        for probe in range(PROBES):
            customer_id = f"PROBE{probe}"
            event = {**session(customer_id, 1)[0], "event": "Product Viewed", "properties": {"sku": "HV-K01"}}
            request = request_of(system.port, WRITE_KEY, "/v1/track", event)
            began = perf_counter()
            await post(system.port, [request], 1)
            while not await _is_shown(client, customer_id):  # noqa: ASYNC110  (another process)
                await asyncio.sleep(0.002)
            taken.append(perf_counter() - began)
            await asyncio.sleep(random.uniform(0.1, 0.3))
    await posting
    return _times(taken)


async def _is_shown(client: ProfilesClient, customer_id: str) -> bool:
    view = await client.view(customer_id, "personalisation")
    return bool(view.attributes.get("product_views_7d"))


def run(customers: int, events: int) -> int:
    """Measure, print, keep in `bench/results`; 1 when a bar is missed."""
    console = Console()
    with ProfileSystem() as system:
        console.print(f"{FEW} customers …")
        _fill(system, 0, FEW - 1)
        few = asyncio.run(_reads(system, FEW))
        asyncio.run(_rate(system, batches(system.port, WRITE_KEY, 5_000, FEW), 5_000, 8))  # warm
        console.print("Posting batches …")
        batch = asyncio.run(_rate(system, batches(system.port, WRITE_KEY, events, FEW), events, 8))
        console.print("Posting single events …")
        some = events // 4
        single = asyncio.run(_rate(system, singles(system.port, WRITE_KEY, some, FEW), some, 64))
        console.print("Event to visible …")
        for probe in range(PROBES):
            system.execute(_PROBE.format(customer_id=f"PROBE{probe}"))
        visible = asyncio.run(_visible(system, FEW, 1_000))
        console.print(f"{customers} customers …")
        began = time.monotonic()
        _fill(system, FEW, customers - 1)
        console.print(f"added in {time.monotonic() - began:.0f} s")
        many = asyncio.run(_reads(system, customers))
    ratio = round(many.not_cached.p95 / few.not_cached.p95, 2)
    bars = [
        ("events/s, batches of 50", batch.per_second, 2_000, 5_000),
        ("events/s, single posts", single.per_second, 500, 1_500),
        ("event to visible, p95 ms", visible.p95, 200, 50),
        ("read, cached, p95 ms", many.cached.p95, 3, 1),
        ("read, not cached, p95 ms", many.not_cached.p95, 15, 5),
        (f"read p95 at {customers} against {FEW}", ratio, 1.5, 1.1),
    ]
    missed = [
        title
        for title, value, bar, _ in bars
        if (value < bar if title.startswith("events/s") else value > bar)
    ]
    _print(console, bars, batch, single)
    now = datetime.now(UTC)
    result = {
        "at": now.isoformat(timespec="seconds"),
        "machine": {"processor": platform.processor() or platform.machine(), "cores": psutil.cpu_count()},
        "load": round(psutil.getloadavg()[0], 1),
        "customers": customers,
        "batches_of_50": asdict(batch),
        "single_posts": asdict(single),
        "event_to_visible_ms": asdict(visible),
        "read_ms": {str(FEW): asdict(few), str(customers): asdict(many), "ratio_not_cached_p95": ratio},
        "missed": missed,
    }
    file = RESULTS / f"profiles-{now:%Y-%m-%d}.json"
    file.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    return 1 if missed else 0


_PROBE = """
    INSERT INTO profiles.customers (customer_id, signed_up_at) VALUES ('{customer_id}', now());
    INSERT INTO profiles.consents (customer_id, purpose, at, granted, source, version)
    VALUES ('{customer_id}', 'personalisation', now(), true, 'sign-up form', '1')
"""


def _fill(system: ProfileSystem, first: int, last: int) -> None:
    for statement in _ADD.format(first=first, last=last).split(";"):
        system.execute(statement)
    system.execute("VACUUM ANALYZE")
    system.execute("CHECKPOINT")


def _print(console: Console, bars: list[tuple[str, float, float, float]], batch: Rate, single: Rate) -> None:
    table = Table(title=f"Profiles, load {psutil.getloadavg()[0]:.1f}", title_justify="left")
    for heading in ("", "measured", "bar", "goal"):
        table.add_column(heading, justify="left" if not heading else "right")
    for title, value, bar, goal in bars:
        table.add_row(title, f"{value:g}", f"{bar:g}", f"{goal:g}")
    console.print(table)
    for title, rate in (("batches of 50", batch), ("single posts", single)):
        console.print(
            f"{title}: {rate.per_free_second:g}/s on free processors; ms of each for an event: {rate.processor_ms}; "
            f"accepted in {rate.accept_p95_ms:g} ms (p95)"
        )
