"""Seeding: once per content, safe to interrupt, with a progress bar."""

import contextlib
import gc
from collections.abc import Iterator
from datetime import UTC, date, datetime

import psycopg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from demo.generator import generate
from demo.seed import content, profiles, tables
from demo.settings import SeedSettings

#: Any constant: a second seeding of the same database waits for the first, and then finds it done.
SEED_LOCK = 7_426_002


def seed(settings: SeedSettings, customers: int, number: int, as_of: date | None, fresh: bool) -> bool:
    """Load the world of seed `number`, unless it is there. Dates are relative to `as_of` (None: today).

    Args:
        fresh: load again even when it is there, with dates of today; what was done since is lost.

    Returns:
        Whether something was loaded.

    Raises:
        SystemExit: the profile service's own loading failed.
        psycopg.Error: the database can't be reached or is not migrated.
    """
    mark = content.fingerprint(number, customers)
    console = Console(stderr=True)
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (SEED_LOCK,))
        found = connection.execute("SELECT as_of FROM shop.seeds WHERE content = %s", (mark,)).fetchone()
        if found is not None and not fresh:
            console.print(f"demo: content {mark} is already loaded, with dates as of {found[0]}.")
            return False
        day = as_of or datetime.now(UTC).date()
        with _progress(console) as bar, _no_collection():
            making = bar.add_task("customers made", total=customers)
            handing = bar.add_task("profiles loaded", total=customers)
            filling = bar.add_task("shop tables", total=tables.STEPS)
            # The profile service's command is a process of its own: it works while the tables are filled here.
            with profiles.loading(lambda: bar.advance(handing)) as hand_over:
                world = generate(customers, day, number, lambda done: bar.update(making, completed=done))
                hand_over(world)
                tables.fill(connection, world, settings.key(), lambda _table: bar.advance(filling))
            # The mark is the last word of the one transaction: interrupted, the whole is done again.
            connection.execute("INSERT INTO shop.seeds (content, as_of) VALUES (%s, %s)", (mark, day))
    console.print(f"demo: {customers} customers loaded, content {mark}, dates as of {day}.")
    return True


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Don't look for cycles meanwhile: a world has none, and each look goes through its million objects."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:>16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
