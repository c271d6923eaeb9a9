"""`fit`: the recipe on anybody's CSV file."""

import csv
import json
from pathlib import Path

import pytest

from nlu_models.__main__ import main
from nlu_models.runtime import Encoder
from nlu_models.training.dataset import DataError, Row
from nlu_models.training.fit_rows import names_as_utterances, recipe_for
from nlu_models.training.labelled_csv import check_training_rows, read_labelled_csv
from nlu_models.training.split import hold_out

CARD = [
    "my card has not come",
    "where is my card",
    "card still not here",
    "is the card in the post",
    "card late",
]
CASH = ["cash machine kept my money", "no cash came out", "atm gave me nothing", "wrong cash", "cash missing"]


def write(file: Path, lines: list[str]) -> Path:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def train(tmp_path: Path) -> Path:
    rows = [f"{text},card" for text in CARD] + [f"{text},cash" for text in CASH]
    return write(tmp_path / "train.csv", ["text,label", *rows])


def test_fit_trains_judges_and_leaves_a_model_and_its_predictions(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_bytes(bytes(50_000_000))
    test = write(
        tmp_path / "test.csv", ["text,label", '"card, please",card', "the cash,cash", "boo,unheard_of"]
    )
    assert main(["fit", "--train", str(train), "--test", str(test), "--out", str(tmp_path / "out")]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    result = json.loads(line)
    assert result["test_rows"] == 3
    assert result["train_rows"] == 10
    assert 0 <= result["accuracy"] <= 2 / 3 + 1e-4  # what was never learnt can't be found
    assert {"macro_f1", "calibration_error", "seconds"} <= set(result)
    assert 0 < result["model_megabytes"] < 50  # not what lies beside the model
    with (tmp_path / "out" / "predictions.csv").open(newline="") as file:
        predictions = list(csv.DictReader(file))
    assert [row["text"] for row in predictions] == ["card, please", "the cash", "boo"]
    right = sum(row["label"] == row["predicted"] for row in predictions)
    assert result["accuracy"] == pytest.approx(right / 3, abs=1e-3)
    served = Encoder.load(tmp_path / "out").understand("card, please")
    assert served.intent == predictions[0]["predicted"]
    assert served.confidence == pytest.approx(float(predictions[0]["confidence"]), abs=1e-3)
    assert served.sentiment == ""


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["text,mood", "a,b"], r"bad\.csv:1: needs the columns text and label"),
        (["text,label"], "has no rows"),
        (
            ["text,label", "a,b", "hello there, I want a refund,get_refund"],
            r"bad\.csv:3: more fields than columns; put a text with commas in quotes",
        ),
        (["text,label", "a,b", ",b", "c,"], r"bad\.csv:3: text is empty\n.*bad\.csv:4: label is empty"),
    ],
)
def test_faults_of_a_file_are_told_by_line_all_at_once(tmp_path: Path, lines: list[str], fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        read_labelled_csv(write(tmp_path / "bad.csv", lines))


def test_faults_are_told_before_any_training(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = write(tmp_path / "bad.csv", ["text,label", ",card"])
    assert main(["fit", "--train", str(train), "--test", str(bad), "--out", str(tmp_path / "out")]) == 1
    assert "bad.csv:2: text is empty" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_faults_of_all_files_are_told_at_once(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test = write(tmp_path / "test.csv", ["text,label", ",card"])
    valid = write(tmp_path / "valid.csv", ["text,label", "hello,greet"])
    contradicting = write(train, [*train.read_text().splitlines(), "Card  LATE,cash"])
    files = ["--train", str(contradicting), "--test", str(test), "--valid", str(valid)]
    assert main(["fit", *files, "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert "3 problems" in told
    assert "train.csv:12: 'Card  LATE' is cash, but in line 6 card" in told
    assert "test.csv:2: text is empty" in told
    assert "valid.csv:2: label greet does not occur in the training rows" in told


def test_a_training_file_with_faults_makes_no_label_of_the_others_unknown(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = write(tmp_path / "bad.csv", ["text,label"])
    files = ["--train", str(bad), "--test", str(train), "--valid", str(train)]
    assert main(["fit", *files, "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "1 problems in the training data:",
        f"{bad}: has no rows",
    ]


def test_other_names_of_the_label_column_are_known(tmp_path: Path) -> None:
    file = write(tmp_path / "other.csv", ["text,category", "a,b"])
    assert [(row.text, row.label) for row in read_labelled_csv(file)] == [("a", "b")]


def test_a_text_with_two_labels_and_a_single_label_are_refused() -> None:
    rows = [Row("a", "one", Path("x.csv"), 2), Row("a", "two", Path("x.csv"), 3)]
    with pytest.raises(DataError, match=r"x\.csv:3: 'a' is two, but in line 2 one"):
        check_training_rows(rows)
    with pytest.raises(DataError, match="fewer than two labels"):
        check_training_rows(rows[:1])


def test_texts_that_differ_in_case_and_spaces_are_one_text() -> None:
    rows = [Row("Hello  there", "x", Path("x.csv"), 2), Row("hello there", "y", Path("x.csv"), 3)]
    with pytest.raises(DataError, match=r"x\.csv:3: 'hello there' is y, but in line 2 x"):
        check_training_rows(rows)


def test_few_rows_of_a_label_are_not_held_out() -> None:
    rows = [Row(f"many {place}", "many", Path(), place) for place in range(100)]
    few = [Row(f"few {place}", "few", Path(), place) for place in range(4)]
    kept, held = hold_out([*rows, *few], 0.5)
    assert len(kept) + len(held) == 104
    assert len(held) == 52
    assert {row.label for row in held} == {"many"}


def test_many_rows_need_few_epochs() -> None:
    epochs = [recipe_for(rows).epochs for rows in (10, 770, 10_000, 100_000)]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[0] == 15
    assert epochs[-1] == 5


def test_a_label_with_few_utterances_learns_from_its_name_if_that_is_words() -> None:
    labels = ["lost_or-stolen card"] * 2 + ["ATM"] * 2 + ["q_17"] * 2 + ["top_up"] * 30
    labels += ["out_of_scope"] * 2  # what its name says is no message of it
    rows = [Row(f"text {place}", label, Path("x.csv"), place) for place, label in enumerate(labels)]
    assert [(row.text, row.label) for row in names_as_utterances(rows)] == [
        ("lost or stolen card", "lost_or-stolen card")
    ]


def test_few_rows_are_all_learnt_from_and_the_model_is_calibrated_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        f"{text} {word},{label}"
        for text, label in [*((text, "card") for text in CARD), *((text, "cash") for text in CASH)]
        for word in ("today", "now", "please")
    ]
    rows += [f"{text},out_of_scope" for text in ("sing", "rain", "peru", "football", "jokes", "weather")]
    file = write(tmp_path / "train.csv", ["text,label", *rows])
    assert main(["fit", "--train", str(file), "--test", str(file), "--out", str(tmp_path / "out")]) == 0
    assert json.loads(capsys.readouterr().out)["train_rows"] == 36
    card = json.loads((tmp_path / "out" / "card.json").read_text())
    assert card["rows"]["intents"]["train"] == 36
    assert card["temperatures"]["intent"] != 1.0
    # The thresholds of the first training would be of its own scope model.
    assert card["thresholds"]["scope"] == 0.0
    assert card["thresholds"]["intents"] == {}
