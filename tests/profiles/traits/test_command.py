"""`python -m profiles attributes` and `import`, as an operator runs them."""

import shutil
import subprocess
import sys
from pathlib import Path

from profiles.store import Store
from tests.profiles.conftest import environment, record
from tests.profiles.traits.test_write import row, said, write

ROOT = Path(__file__).parents[3]
_SHOE_NUMBER = """\
  - name: shoe_number
    title: Shoe size
    type: number
    held: dynamic
    purposes: [analytics]
    sources: [web]
    since: 3
"""


#: Runs the commands of its standard input; one process, for starting takes longer than the commands.
_RUN = """
import shlex, sys
from profiles.__main__ import main
for line in sys.stdin:
    sys.argv = ["profiles", *shlex.split(line)]
    print("exit", main(), flush=True)
"""


def profiles(customers_url: str, redis_url: str, *commands: str, checkout: Path = ROOT) -> list[str]:
    """What each of the commands printed, and after that its exit code."""
    result = subprocess.run(
        [sys.executable, "-c", _RUN],
        input="\n".join(commands),
        env=environment(customers_url, redis_url),
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


async def test_attributes_are_checked_published_listed_and_proposed(
    store: Store, customers_url: str, redis_url: str
) -> None:
    await store.write([record()])
    await write(store, said("m1", "shoeSize", 42, "web"))
    commands = ("check", "publish --dry-run", "publish", "publish", "rollback", "list", "proposals")
    printed = profiles(customers_url, redis_url, *(f"attributes {one}" for one in commands))
    assert printed[1:8] == [
        "exit 0",
        "+ 43 attributes and the source matrix",
        "exit 0",
        "+ 43 attributes and the source matrix",
        "version 1 is in force",
        "exit 0",
        "nothing to publish",
    ]
    assert printed[9:11] == ["there is no version 0 to go back to; in force is 1", "exit 1"]
    rest = "\n".join(printed[11:])
    assert "loyalty_points" in rest and "shoeSize" in rest


def test_an_import_says_what_it_did_and_what_it_could_not(customers_url: str, redis_url: str) -> None:
    sales = "import tests/profiles/imports/files/pos_sales.csv --mapping data/profiles/mappings/pos_sales.yml --kind"
    printed = profiles(customers_url, redis_url, f"{sales} orders", f"{sales} customers")
    assert printed[0] == "line 5: gross: can't be read as pounds (€99.99)"
    assert printed[2:4] == ["  2 new, 0 known already, 1 can't be used", "  1 left out, as the mapping says"]
    assert printed[-3:] == ["exit 1", "pos_sales.yml: is a mapping of orders, not of customers", "exit 2"]


async def test_a_key_becomes_an_attribute_is_replaced_and_its_values_move(
    store: Store, customers_url: str, redis_url: str, tmp_path: Path
) -> None:
    for name in ("profiles", "common", "data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "rasa"))

    def attributes(*commands: str) -> list[str]:
        lines = [f"attributes {one}" for one in commands]
        return [
            one for one in profiles(customers_url, redis_url, *lines, checkout=tmp_path) if one != "exit 0"
        ]

    await store.write([record()])
    await write(store, said("m1", "shoeSize", "42", "web"))
    accept = "accept shoeSize --purpose personalisation --title 'Shoe size (UK)'"
    assert attributes("publish", accept, "publish")[2:] == [
        "attributes.yml: shoe_size (text) from version 2; publish it",
        "+ shoe_size: text, dynamic, for personalisation",
        "version 2 is in force",
    ]
    await write(store, said("m2", "shoeSize", "42", "web"), said("m3", "shoeSize", "size 43", "web", days=-1))

    file = tmp_path / "data" / "profiles" / "attributes.yml"
    file.write_text(file.read_text() + _SHOE_NUMBER)
    deprecate = "deprecate shoe_size --why 'a number is wanted' --instead shoe_number"
    assert attributes(deprecate, "publish", "migrate shoe_size") == [
        "attributes.yml: shoe_size is deprecated from version 3; publish it",
        "+ shoe_number: number, dynamic, for analytics",
        "~ shoe_size: deprecated",
        "version 3 is in force",
        "1 values given over",
        "1 not: wrong type, such as aaaa 99",
    ]
    assert (await row(store)).traits == {"shoe_size": "42", "shoe_number": 42}
