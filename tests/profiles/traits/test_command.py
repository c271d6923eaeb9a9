"""`python -m profiles attributes` and `import`, as an operator runs them."""

import subprocess
import sys
from pathlib import Path

from profiles.store import Store
from tests.profiles.conftest import environment, record
from tests.profiles.traits.test_write import said, write

ROOT = Path(__file__).parents[3]
SALES = ["--mapping", "data/profiles/mappings/pos_sales.yml"]


def profiles(customers_url: str, redis_url: str, *arguments: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    result = subprocess.run(
        [sys.executable, "-m", "profiles", *arguments],
        env=environment(customers_url, redis_url),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in result.stderr, result.stderr
    return result.returncode, result.stdout + result.stderr


async def test_attributes_are_checked_published_listed_and_proposed(
    store: Store, customers_url: str, redis_url: str
) -> None:
    await store.write([record()])
    await write(store, said("m1", "shoeSize", 42, "web"))
    assert profiles(customers_url, redis_url, "attributes", "check")[0] == 0
    code, tried = profiles(customers_url, redis_url, "attributes", "publish", "--dry-run")
    assert code == 0 and "in force" not in tried
    code, published = profiles(customers_url, redis_url, "attributes", "publish")
    assert (code, "version 1 is in force" in published) == (0, True)
    assert "nothing to publish" in profiles(customers_url, redis_url, "attributes", "publish")[1]
    assert "loyalty_points" in profiles(customers_url, redis_url, "attributes", "list")[1]
    assert "shoeSize" in profiles(customers_url, redis_url, "attributes", "proposals")[1]
    code, refused = profiles(customers_url, redis_url, "attributes", "rollback")
    assert (code, refused.strip()) == (1, "there is no version 0 to go back to; in force is 1")


def test_an_import_says_what_it_did_and_what_it_could_not(customers_url: str, redis_url: str) -> None:
    file = "tests/profiles/imports/files/pos_sales.csv"
    code, said = profiles(customers_url, redis_url, "import", file, *SALES, "--kind", "orders")
    assert code == 1
    assert "line 5: gross: can't be read as pounds (€99.99)" in said
    assert "2 new, 0 known already, 1 can't be used" in said and "1 left out" in said
    code, other = profiles(customers_url, redis_url, "import", file, *SALES, "--kind", "customers")
    assert (code, other.strip()) == (2, "pos_sales.yml: is a mapping of orders, not of customers")
