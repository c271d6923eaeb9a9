"""`python -m profiles enrich`, as operators run it."""

import asyncio
import subprocess
import sys

from profiles.store import Store
from tests.profiles.conftest import environment, record
from tests.profiles.enrichment.partner import CLIENT_ID, CLIENT_SECRET, LocalPartner, sha256


async def enrich(
    url: str, customers_url: str, redis_url: str, *options: str
) -> subprocess.CompletedProcess[str]:
    variables = environment(
        customers_url,
        redis_url,
        RAPPORT_PARTNER_HOMEVIEW_URL=url,
        RAPPORT_PARTNER_HOMEVIEW_CLIENT_ID=CLIENT_ID,
        RAPPORT_PARTNER_HOMEVIEW_CLIENT_SECRET=CLIENT_SECRET,
    )
    command = [sys.executable, "-m", "profiles", "enrich", *options]
    return await asyncio.to_thread(
        subprocess.run, command, env=variables, capture_output=True, text=True, check=False
    )


async def test_it_says_what_it_would_do_and_what_it_did(
    store: Store, homeview: LocalPartner, homeview_url: str, customers_url: str, redis_url: str
) -> None:
    await store.write([record("C000001", email="maria@example.org")])
    homeview.people[sha256("maria@example.org")] = {"attributes": {"dwelling": "terraced"}}
    where = (homeview_url, customers_url, redis_url)
    dry = await enrich(*where, "--partner", "homeview", "--dry-run")
    assert "1  customers would be asked about; nobody was" in dry.stdout
    assert homeview.asked == []
    done = await enrich(*where, "--partner", "homeview", "--limit", "10")
    assert done.returncode == 0, done.stderr
    assert "1  values kept" in done.stdout
    assert (await store.view("C000001", "personalisation")).attributes["home_type"] == "house"
    assert CLIENT_SECRET not in done.stdout + done.stderr


async def test_a_mistake_is_one_line(
    store: Store, homeview_url: str, customers_url: str, redis_url: str
) -> None:
    failed = await enrich(homeview_url, customers_url, redis_url, "--partner", "acme")
    assert failed.returncode == 2
    assert failed.stdout.startswith("profiles: there is no partner acme")
