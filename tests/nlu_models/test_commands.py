"""The commands as one types them."""

import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from nlu_models import settings
from nlu_models.__main__ import main
from nlu_models.commands import predict as predicting
from nlu_models.progress import progress_lines
from nlu_models.registry import Registry
from nlu_models.runtime.model_folder import CARD_FILE, MODEL_FILE, WORDS_FILE
from nlu_models.training.base_model import BaseModel, find_base_model
from nlu_models.training.dataset import Dataset, read_dataset
from nlu_models.training.fit import Progress
from nlu_models.training.ner import NerProgress
from nlu_models.training.recipe import Recipe
from nlu_models.training.store import model_id, new_folder
from tests.bot.tiny_encoder import write

INTENTS = ["track_order", "cancel_order", "out_of_scope"]
DOMAIN = "version: '3.1'\nintents: [cancel_order, {track_order: {use_entities: []}}, out_of_scope]\n"
OLD, NEW = "aa" * 12, "bb" * 12
Run = Callable[..., int]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry of this test's own, and two models in a cache of its own."""
    monkeypatch.setenv("RAPPORT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RAPPORT_ENCODER_REGISTRY", str(tmp_path / "encoder.json"))
    registry = Registry.of_environment()
    add_model(registry, OLD, made_at="2026-11-20T08:00:00+00:00", training_seconds=70.4)
    metrics = {
        "intents": {"accuracy": 0.9512, "macro_f1": 0.9, "calibration_error": 0.031},
        "sentiments": {"macro_f1": 0.8},
        "scope": {"out_of_scope_recall": 0.75},
    }
    rows = {"intents": {"train": 1000, "test": 200}, "sentiments": {"train": 30}}
    add_model(registry, NEW, made_at="2026-11-21T08:00:00+00:00", metrics=metrics, rows=rows)
    return registry


def add_model(registry: Registry, name: str, **of_card: object) -> None:
    folder = registry.models / name
    write(folder, name, INTENTS)
    card = json.loads((folder / CARD_FILE).read_text())
    (folder / CARD_FILE).write_text(json.dumps({**card, **of_card}))


@pytest.fixture
def run(tmp_path: Path, folders: tuple[Path, Path]) -> Run:
    """Runs a command on this test's data; the exit code."""
    domain = tmp_path / "domain.yml"
    domain.write_text(DOMAIN)
    options = ["--nlu", str(folders[0]), "--sentiment", str(folders[1]), "--domain", str(domain)]
    return lambda *words: main([*options, *map(str, words)])


@pytest.fixture
def present(registry: Registry, folders: tuple[Path, Path]) -> str:
    """The model of this test's data, as if it had been trained."""
    name = model_id(read_dataset(*folders), Recipe(), find_base_model())
    add_model(registry, name, made_at="2026-11-22T08:00:00+00:00")
    return name


def test_the_serving_model_changes_by_promote_and_rollback(
    registry: Registry, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("promote", "aa") == 0
    assert run("promote", "latest") == 0
    assert run("promote", NEW) == 0
    assert run("rollback") == 0
    assert run("path") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"encoder: {OLD} is promoted",
        f"encoder: {NEW} is promoted",
        f"encoder: {NEW} was promoted already",
        f"encoder: {OLD} serves again",
        str(registry.models / OLD),
    ]


@pytest.mark.parametrize(
    "words", [("path",), ("predict", "hello"), ("evaluate",)], ids=lambda words: str(words[0])
)
def test_what_needs_a_promoted_model_says_how_to_get_one(
    registry: Registry, run: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert run(*words) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == (
        "nlu_models: no model is promoted yet: run `python -m nlu_models train`,"
        " or `python -m nlu_models promote MODEL_ID`\n"
    )


def test_a_refused_promotion_is_one_line_and_changes_nothing(
    registry: Registry, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("promote", OLD)
    (registry.models / NEW / MODEL_FILE).write_bytes(b"x")
    assert run("promote", NEW) == 1
    assert run("promote", NEW, "--dry-run") == 1
    assert run("promote", "cc") == 1
    assert run("rollback") == 1
    errors = capsys.readouterr().err.splitlines()
    assert [line.startswith("nlu_models: ") for line in errors] == [True] * 4
    assert "damaged" in errors[0]
    assert registry.read().promoted == OLD


def test_a_model_with_intents_that_the_domain_lacks_is_refused(
    registry: Registry, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "domain.yml").write_text("intents: [track_order, out_of_scope]\n")
    assert run("promote", NEW) == 1
    assert "intents that the domain lacks: cancel_order" in capsys.readouterr().err


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("domain", "fault"),
    [("intents:\n- {}\n", ":2: an intent without a name"), ("intents: 5\n", ":1: has no list `intents`")],
)
def test_a_domain_with_faults_stops_a_promotion_with_its_lines(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], domain: str, fault: str
) -> None:
    (tmp_path / "domain.yml").write_text(domain)
    assert run("promote", NEW) == 1
    assert f"domain.yml{fault}" in capsys.readouterr().err


def test_the_list_shows_figures_the_newest_first_and_marks_the_serving_one(
    registry: Registry, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("promote", OLD)
    capsys.readouterr()
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 80
    new, old = (next(line for line in lines if f" {name[:9]} " in line) for name in (NEW, OLD))
    assert lines.index(new) < lines.index(old)
    assert new.split()[1:-2] == [
        "2026-11-21",
        "08:00",
        "95.1%",
        "90.0%",
        "80.0%",
        "0.031",
        "75.0%",
        "1,230",
        "-",
    ]
    assert old.startswith("*")
    assert "70 s" in old
    assert max(map(len, lines)) <= 80


def test_the_list_as_json_has_full_ids_numbers_and_the_promotions(
    registry: Registry, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("promote", OLD)
    capsys.readouterr()
    run("list", "--json")
    content = json.loads(capsys.readouterr().out)
    assert content["promoted"] == OLD
    assert [model["model_id"] for model in content["models"]] == [NEW, OLD]
    assert [model["promoted"] for model in content["models"]] == [False, True]
    assert content["models"][0]["intent_accuracy"] == 0.9512
    assert content["models"][1]["intent_accuracy"] is None
    assert [change["by"] for change in content["history"]] == ["promote"]


def test_a_dry_run_compares_and_promotes_nothing(
    registry: Registry, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("promote", OLD)
    capsys.readouterr()
    assert run("promote", "bb", "--dry-run") == 0
    output = capsys.readouterr().out
    assert f"{NEW} is usable" in output
    # live first, then the candidate
    assert re.search(r"intent acc\.\s+-\s+95\.1%", output)
    assert re.search(r"train time\s+70 s\s+-", output)
    assert registry.read().promoted == OLD


def test_a_new_model_is_promoted_by_train(
    registry: Registry, run: Run, present: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("promote", OLD)
    assert run("train") == 0
    assert registry.read().promoted == present
    assert registry.read().history[-1].by == "train"
    assert f"encoder: up to date, {registry.models / present}" in capsys.readouterr().out


def test_what_was_rolled_back_is_not_promoted_again_by_train(
    registry: Registry, run: Run, present: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("promote", OLD)
    run("train")
    run("rollback")
    capsys.readouterr()
    assert run("train") == 0
    assert registry.read().promoted == OLD
    assert f"encoder: {OLD} serves still" in capsys.readouterr().out


def test_train_promotes_when_the_serving_model_is_gone(
    registry: Registry, run: Run, present: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("promote", OLD)
    run("train")
    run("rollback")
    (registry.models / OLD / MODEL_FILE).unlink()
    assert run("train") == 0
    assert registry.read().promoted == present
    assert f"encoder: {OLD} can't serve any more: " in capsys.readouterr().err


def test_a_candidate_is_not_promoted(
    registry: Registry, run: Run, present: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "--candidate") == 0
    assert registry.read().promoted is None
    assert f"{present} is a candidate" in capsys.readouterr().out


@pytest.fixture
def trainings(registry: Registry, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that `train` has filled since, each with a tiny encoder, at once."""
    filled = []

    def build(data: Dataset, recipe: Recipe, base: BaseModel, cache: Path, **_: object) -> Path:
        target = cache / model_id(data, recipe, base)
        metrics = {"intents": {"accuracy": 0.9}, "sentiments": {"macro_f1": 0.9}}
        with new_folder(target) as folder:
            write(folder, target.name, INTENTS)
            card = json.loads((folder / CARD_FILE).read_text())
            (folder / CARD_FILE).write_text(json.dumps({**card, "training_seconds": 1.0, "metrics": metrics}))
        filled.append(target)
        return target

    monkeypatch.setattr("nlu_models.training.build.build", build)
    return filled


@pytest.mark.parametrize("serves", [False, True])
def test_a_damaged_model_is_trained_again_and_replaced(
    registry: Registry,
    run: Run,
    present: str,
    trainings: list[Path],
    capsys: pytest.CaptureFixture[str],
    *,
    serves: bool,
) -> None:
    folder = registry.models / present
    run("train", *(() if serves else ("--candidate",)))
    (folder / WORDS_FILE).write_text('{"altered": 1}')
    if serves:
        os.utime(registry.file, (0, 0))
    capsys.readouterr()
    assert run("train") == 0
    assert trainings == [folder]
    said = capsys.readouterr()
    (why,) = [line for line in said.err.splitlines() if WORDS_FILE in line]
    assert "damaged or changed" in why
    assert why.endswith("; training it again")
    assert "up to date" not in said.out
    assert registry.read().promoted == present
    registry.load(present, None)
    assert registry.file.stat().st_mtime > 0  # so that a bot which refused the damaged one looks again
    assert run("train") == 0
    assert trainings == [folder]


def test_a_folder_with_another_model_than_its_name_says_is_trained(
    registry: Registry, run: Run, present: str, trainings: list[Path]
) -> None:
    write(registry.models / present, OLD, INTENTS)
    assert run("train") == 0
    registry.load(present, None)


def test_what_is_trained_for_a_cache_in_the_home_folder_can_be_served(
    run: Run, trainings: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RAPPORT_CACHE", "~/models")
    monkeypatch.chdir(tmp_path)
    assert run("train") == 0
    assert run("path") == 0
    assert trainings[0].parent == tmp_path / "home" / "models" / "encoder"
    assert not (tmp_path / "~").exists()


@pytest.mark.parametrize("command", ["check", "train", "promote"])
def test_a_domain_that_was_named_must_exist(
    registry: Registry,
    folders: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    nlu, sentiment = map(str, folders)
    mistyped = tmp_path / "domian.yml"
    words = ["--nlu", nlu, "--sentiment", sentiment, "--domain", str(mistyped), command]
    assert main([*words, NEW] if command == "promote" else words) == 1
    assert f"{mistyped}:1: no such file" in capsys.readouterr().err
    assert registry.read().promoted is None


def test_without_the_domain_of_a_checkout_any_label_is_one(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DOMAIN", tmp_path / "domain.yml")
    assert main(["--nlu", str(folders[0]), "--sentiment", str(folders[1]), "check"]) == 0


def _predict(run: Run, messages: bytes, folder: Path) -> list[dict[str, object]]:
    (folder / "in.txt").write_bytes(messages)
    assert run("predict", "--input", folder / "in.txt", "--output", folder / "out.jsonl") == 0
    return [json.loads(line) for line in (folder / "out.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]


def test_a_prediction_says_all_that_was_understood(
    registry: Registry, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("promote", NEW)
    capsys.readouterr()
    assert run("predict", "hello, is RP-100234 on its way?") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["text"] == "hello, is RP-100234 on its way?"
    assert found["entities"][0]["value"] == "RP-100234"
    assert found.keys() >= {
        "intent",
        "confidence",
        "in_scope",
        "alternatives",
        "sentiment",
        "sentiment_scores",
    }


@pytest.mark.parametrize(
    ("messages", "texts"),
    [
        (b"hello\n\nthanks\n", ["hello", "", "thanks"]),
        (b"hello\r\nthanks", ["hello", "thanks"]),
        (b"\xef\xbb\xbfhello\n", ["hello"]),
        ("one\x0cmessage\u2028only\n".encode(), ["one\x0cmessage\u2028only"]),
        (b"\n\n", ["", ""]),
        (b"", []),
    ],
)
def test_each_line_is_one_message(
    registry: Registry, run: Run, tmp_path: Path, messages: bytes, texts: list[str]
) -> None:
    run("promote", NEW)
    assert [found["text"] for found in _predict(run, messages, tmp_path)] == texts


def test_many_messages_are_understood_as_few_are(
    registry: Registry, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("promote", NEW)
    messages = "".join(f"hello {number}\nthanks\n" for number in range(100)).encode()
    one_process = _predict(run, messages, tmp_path)
    monkeypatch.setattr(predicting, "_WORTH_PROCESSES", 10)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert _predict(run, messages, tmp_path) == one_process
    assert [found["intent"] for found in one_process[1:4]] == ["cancel_order", "track_order", "cancel_order"]


def test_a_line_that_is_not_utf8_is_named_and_the_old_output_stays(
    registry: Registry, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("promote", NEW)
    output = tmp_path / "out.jsonl"
    output.write_text("kept\n")
    (tmp_path / "in.txt").write_bytes(b"good\nna\xefve\n")
    assert run("predict", "--input", tmp_path / "in.txt", "--output", output) == 1
    assert f"{tmp_path / 'in.txt'}:2: not UTF-8 (byte 3 of the line)" in capsys.readouterr().err
    assert output.read_text() == "kept\n"
    assert [path.name for path in tmp_path.glob("*out*")] + list(tmp_path.glob(".*")) == ["out.jsonl"]


def test_what_is_no_regular_file_is_written_to_and_stays(
    registry: Registry, run: Run, tmp_path: Path
) -> None:
    run("promote", NEW)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    said: list[str] = []
    reader = Thread(target=lambda: said.append(pipe.read_text()), daemon=True)
    reader.start()
    assert run("predict", "hello", "--output", pipe) == 0
    assert pipe.is_fifo()
    reader.join(timeout=30)
    assert json.loads(said[0])["text"] == "hello"


def test_a_link_stays_one_when_the_file_behind_it_is_written(
    registry: Registry, run: Run, tmp_path: Path
) -> None:
    run("promote", NEW)
    link, file = tmp_path / "link.jsonl", tmp_path / "file.jsonl"
    file.write_text("old\n")
    link.symlink_to(file)
    assert run("predict", "hello", "--output", link) == 0
    assert link.is_symlink()
    assert json.loads(file.read_text())["text"] == "hello"


def test_either_a_text_or_a_file_is_understood(run: Run, tmp_path: Path) -> None:
    for words in ((), ("hello", "--input", tmp_path)):
        with pytest.raises(SystemExit, match="2"):
            run("predict", *words)


def test_the_data_is_checked_without_training(
    run: Run, folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check") == 0
    assert capsys.readouterr().out == "All well: 15 utterances of 3 intents, 12 messages by mood.\n"
    assert run("check", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["faults"] == []
    assert content["intents"]["cancel_order"] == 5
    file = folders[0] / "one.yml"
    file.write_text(file.read_text().replace("- call it off", "- call [it off").replace("- sing", "sing"))
    assert run("check", "--json") == 1
    assert json.loads(capsys.readouterr().out)["faults"] == [
        {
            "file": str(file),
            "line": 15,
            "message": "broken entity markup: a '[' that belongs to no [text](entity)",
        },
        {"file": str(file), "line": 20, "message": "an utterance begins with `- `: 'sing me a song'"},
    ]
    assert run("check") == 1
    assert capsys.readouterr().err.startswith("2 problems in the training data:\n")


def test_another_model_than_the_serving_one_predicts_from_standard_input(
    registry: Registry, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("promote", NEW)
    write(registry.models / OLD, OLD, ["cancel_order", "track_order", "out_of_scope"])
    intents = []
    for model in (OLD, "bb"):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"hello\nthanks\n")))
        capsys.readouterr()
        assert run("predict", "--model", model, "--input", "-") == 0
        intents.append([json.loads(line)["intent"] for line in capsys.readouterr().out.splitlines()])
    assert intents == [["cancel_order", "track_order"], ["track_order", "cancel_order"]]
    assert run("predict", "--model", "cc", "hello") == 1


def test_messages_are_masked_with_what_was_found_in_them_or_by_the_serving_model(
    registry: Registry, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [{"entity": "person", "value": "Bo", "start": 0, "end": 2}]
    given = json.dumps({"text": "Bo at 14 Orchard Terrace, BS6 5QT", "entities": found})
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{given}\n"))
    assert run("mask") == 0  # no model serves, and none is needed
    answer = json.loads(capsys.readouterr().out)
    assert answer["masked"] == "[person] at [address], [postcode]"
    assert answer["spans"][0] == {"entity": "person", "start": 0, "end": 2, "personal": True}

    run("promote", NEW)
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO('"RP-100234 for bo@example.com"\n'))
    assert run("mask") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["masked"] == "RP-100234 for [email]"
    assert [(span["entity"], span["personal"]) for span in answer["spans"]] == [
        ("order_id", False),
        ("email", True),
    ]

    monkeypatch.setattr("sys.stdin", io.StringIO(f"{given}\n[1]\n"))
    assert run("mask") == 1
    assert "standard input:2: neither a JSON string nor {text, entities}" in capsys.readouterr().err


def test_a_training_tells_programs_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_lines() as report:
        for step in range(1, 201):
            report(Progress(step, 200, 1 + step // 101, 0.5))
            if step == 100:
                report(NerProgress(1, 3, 0.8, 2.0))  # trained beside it
        for epoch in (2, 3):
            report(NerProgress(epoch, 3, 0.8, 2.0))
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    percents = [line["percent"] for line in said]
    assert percents == sorted(percents)
    assert len({int(percent) for percent in percents}) == len(percents)
    assert said[0] == {"percent": 0.0, "words": "Reading the data"}
    assert said[50]["words"].startswith("Learning intents and moods, round")
    assert said[-1] == {
        "percent": 96.0,
        "words": "Learning to find names, places and products, round 3 of 3 at most",
    }


def test_a_model_that_exists_is_named_to_programs(
    registry: Registry, run: Run, present: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "--candidate", "--progress-json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert lines == [
        {"percent": 100.0, "words": "Nothing new to learn: this data has a model", "model_id": present}
    ]
