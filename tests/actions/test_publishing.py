"""Publishing tells what it would change and what it has changed; a roll-back names what it brings back."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from actions.__main__ import main
from actions.settings import DATA, DOMAIN
from actions.variants.check import DomainNames, load_set
from actions.variants.schema import VariantSet
from actions.variants.store import VERSION, NotAsShown, NothingToGoBackTo, earlier, live, publish, roll_back

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    shutil.copytree(DATA / "variants", tmp_path / "variants")
    (tmp_path / "decisions").mkdir()
    for name in ("paths.yml", "policy.yml"):
        shutil.copy(DATA / "decisions" / name, tmp_path / "decisions")
    return tmp_path


@pytest.fixture
def redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> "Redis":
    monkeypatch.setenv("REDIS_URL", redis_url)
    return Redis.from_url(redis_url, decode_responses=True)


@pytest.fixture
def run(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code, standard output (as JSON where it is asked for) and error output of a command."""

    def command(*words: str) -> tuple[int, Any, str]:
        more = ["--data", str(data)] if words[0] == "publish" else []
        monkeypatch.setattr(sys, "argv", ["actions", *words, *more])
        code = main()
        output = capsys.readouterr()
        return code, json.loads(output.out) if output.out and "--json" in words else output.out, output.err

    return command


def reword(data: Path, old: str, new: str) -> None:
    file = data / "variants" / "greeting.yml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def made(data: Path) -> VariantSet:
    return load_set(data, DomainNames.of(DOMAIN))


def test_a_dry_run_tells_what_would_change_of_what_is_live(run: Run, redis: "Redis", data: Path) -> None:
    first = run("publish", "--json")[1]
    assert (first["before"], first["changes"]) == (None, None)
    reword(data, "for one of our gold", "for a golden one of our")
    code, dry, _ = run("publish", "--dry-run", "--json")
    assert (code, dry["published"], dry["before"]) == (0, False, first["version"])
    [change] = dry["changes"]
    assert (change["of"], change["name"], change["kind"]) == ("reply", "utter_thanks", "changed")
    [text] = change["texts"]
    assert (text["variant"], text["kind"]) == ("gold", "changed")
    assert "for one of our gold" in text["old"]["text"]
    assert "for a golden one of our" in text["new"]["text"]
    assert text["new"]["when"] == "customer's tier is gold"
    assert redis.get(VERSION) == first["version"]

    done = run("publish", "--json", "--only", dry["version"])[1]
    assert (done["published"], done["before"], done["changes"]) == (True, first["version"], dry["changes"])
    again = run("publish", "--json")[1]
    assert (again["version"], again["changes"]) == (dry["version"], [])


def test_the_same_is_told_to_people(run: Run, redis: "Redis", data: Path) -> None:
    run("publish")
    reword(data, "for one of our gold", "for a golden one of our")
    code, output, _ = run("publish", "--dry-run")
    assert code == 0
    assert "changed: utter_thanks\n  changed: gold\n    - " in output
    assert "[when customer's tier is gold]" in output


def test_nothing_is_published_that_was_not_looked_at(run: Run, redis: "Redis", data: Path) -> None:
    shown = run("publish", "--dry-run", "--json")[1]["version"]
    reword(data, "for one of our gold", "for a golden one of our")
    code, output, errors = run("publish", "--json", "--only", shown)
    assert (code, output) == (1, "")
    assert f"not {shown}; look again" in errors
    assert redis.get(VERSION) is None


def test_without_redis_the_files_are_checked_and_nothing_is_said_of_what_is_live(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    code, output, _ = run("publish", "--dry-run", "--json")
    assert (code, output["before"], output["changes"]) == (0, None, None)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
    code, _, errors = run("publish", "--dry-run", "--json")
    assert code == 1
    assert "can't be asked what is live" in errors


def test_a_live_set_that_can_t_be_read_is_named_without_its_changes(run: Run, redis: "Redis") -> None:
    redis.set(VERSION, "old")
    redis.set("variants:set:old", '{"version": "old", "replies": {}, "of another shape": true}')
    code, output, _ = run("publish", "--dry-run", "--json")
    assert (code, output["before"], output["changes"]) == (0, "old", None)


def test_a_roll_back_names_what_it_brings_back_and_the_ways_back_are_in_order(
    run: Run, redis: "Redis", data: Path
) -> None:
    first = run("publish", "--json")[1]["version"]
    reword(data, "for one of our gold", "for a golden one of our")
    second = run("publish", "--json")[1]["version"]
    reword(data, "for a golden one of our", "for one of the golden")
    third = run("publish", "--json")[1]["version"]
    run("publish", "--json")  # the same again is no step back

    code, dry, _ = run("rollback", "--dry-run", "--json")
    assert (code, dry["rolled_back"], dry["version"], dry["before"]) == (0, False, second, third)
    [change] = dry["changes"]
    assert change["texts"][0]["new"]["text"].count("for a golden one of our") == 1
    assert redis.get(VERSION) == third

    done = run("rollback", "--json", "--only", second)[1]
    assert (done["rolled_back"], done["changes"]) == (True, dry["changes"])
    assert redis.get(VERSION) == second
    assert redis.ttl(f"variants:set:{second}") == -1
    assert redis.ttl(f"variants:set:{third}") > 0
    code, output, _ = run("rollback")
    assert (code, redis.get(VERSION)) == (0, first)
    assert f"Version {first} is live again; before: {second}." in output
    code, _, errors = run("rollback")
    assert code == 1
    assert "nothing to go back to" in errors


def test_a_roll_back_to_another_set_than_was_named_does_nothing(redis: "Redis", data: Path) -> None:
    with pytest.raises(NothingToGoBackTo):
        earlier(redis)
    first = made(data)
    publish(redis, first)
    reword(data, "for one of our gold", "for a golden one of our")
    publish(redis, made(data))
    with pytest.raises(NotAsShown, match=first.version):
        roll_back(redis, only="another")
    assert live(redis).variants == made(data)
    redis.delete(f"variants:set:{first.version}")  # thirty days later
    with pytest.raises(NothingToGoBackTo):
        roll_back(redis)
