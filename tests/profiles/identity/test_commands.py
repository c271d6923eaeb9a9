"""`merge`, `unmerge` and `candidates`, as operators run them."""

import sys
from collections.abc import Callable

import psycopg
import pytest

from profiles.__main__ import main
from tests.profiles.conftest import environment
from tests.profiles.identity.states import person

Run = Callable[..., str]


@pytest.fixture
def run(
    customers_url: str,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """Runs a command on two customers and gives what it printed."""
    for name, value in environment(customers_url, redis_url).items():
        monkeypatch.setenv(name, value)
    file = tmp_path_factory.mktemp("people") / "people.jsonl"
    file.write_text("".join(person(one).model_dump_json() + "\n" for one in ("A", "B")), "utf-8")

    def command(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["profiles", *arguments])
        assert main() == 0
        return capsys.readouterr().out

    command("load", "--input", str(file))
    return command


def customers(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT customer_id FROM profiles.customers ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def test_a_merge_is_tried_made_and_taken_back(run: Run, customers_url: str) -> None:
    said = run("merge", "A", "B", "--why", "ticket 7", "--dry-run")
    assert "rows of profiles.interactions" in said
    assert "nothing was changed" in said
    assert customers(customers_url) == ["A", "B"]

    said = run("merge", "A", "B", "--why", "ticket 7")
    assert "B is part of A now" in said
    assert customers(customers_url) == ["A"]

    number = said.split("`unmerge ")[1].split("`")[0]
    assert "A and B are two customers again" in run("unmerge", number, "--why", "they are sisters")
    assert customers(customers_url) == ["A", "B"]
    with psycopg.connect(customers_url) as connection:
        reasons = connection.execute(
            "SELECT DISTINCT why FROM profiles.audit WHERE what = 'unmerged'"
        ).fetchall()
    assert [reason.startswith("they are sisters") for (reason,) in reasons] == [True]


def test_whom_an_unmerge_keeps_apart_may_be_one_again(run: Run) -> None:
    number = run("merge", "A", "B", "--why", "ticket 7").split("`unmerge ")[1].split("`")[0]
    run("unmerge", number, "--why", "by mistake")
    with pytest.raises(SystemExit, match="A and B are two: somebody has said so"):
        run("merge", "A", "B", "--why", "ticket 8")
    assert "A and B may be one again" in run("reconsider", "A", "B", "--why", "ticket 8")
    assert "B is part of A now" in run("merge", "A", "B", "--why", "ticket 8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("merge", "A", "A", "--why", "x"), "profiles: a customer can't be merged with themself"),
        (("merge", "A", "Z", "--why", "x"), "profiles: there is no customer Z"),
        (("reconsider", "A", "B", "--why", "x"), "profiles: nobody has said that A and B are two"),
        (("unmerge", "12345", "--why", "x"), "profiles: there is no merge 12345 that could be taken back"),
    ],
)
def test_what_can_not_be_done_is_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(SystemExit) as raised:
        run(*arguments)
    assert str(raised.value) == said


def test_candidates_are_counted(run: Run, customers_url: str) -> None:
    assert "2 customers compared: " in run("candidates", "--dry-run")
    assert customers(customers_url) == ["A", "B"]
