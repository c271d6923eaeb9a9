"""The reader is strict: every bad row is named by file and line, all at once."""

from pathlib import Path

import pytest

from nlu_models.training.dataset import DataError, read_dataset

Folders = tuple[Path, Path]


def problems(folders: Folders, domain: Path | None = None) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_dataset(*folders, domain)
    return caught.value.problems


def add(folder: Path, content: str) -> Path:
    file = folder / "two.yml"
    file.write_text(content, encoding="utf-8")
    return file


def test_reads_labels_texts_and_places_without_markup(folders: Folders) -> None:
    data = read_dataset(*folders)
    assert len(data.intents) == 15
    row = next(row for row in data.intents if "RP-100234" in row.text)
    assert (row.text, row.label) == ("when does RP-100234 arrive", "track_order")
    assert row.file.read_text(encoding="utf-8").splitlines()[row.line - 1].strip().startswith("- when does")
    assert {row.label for row in data.sentiments} == {"angry", "negative", "neutral", "positive"}


def test_all_faults_of_all_files_are_reported_at_once(folders: Folders) -> None:
    nlu, sentiment = folders
    intents = add(
        nlu,
        "nlu:\n- intent: track_order\n  examples: |\n    - where [is it](order_id\n    -\n    no dash\n    - cancel my order\n",
    )
    moods = add(sentiment, "sentiment:\n- label: grumpy\n  examples: |\n    - hm\n    - meh\n    - pff\n")
    found = problems(folders)
    assert len(found) == 5
    assert any(line.startswith(f"{intents}:4: broken entity markup") for line in found)
    assert f"{intents}:5: empty utterance" in found
    assert any(line.startswith(f"{intents}:6: an utterance begins with") for line in found)
    assert f"{moods}:2: unknown label 'grumpy'" in found
    duplicate = next(line for line in found if "cancel my order" in line)
    assert duplicate.startswith(f"{intents}:7:")
    assert f"cancel_order at {nlu / 'one.yml'}:" in duplicate


def test_a_duplicate_with_the_same_label_is_one_row(folders: Folders) -> None:
    before = len(read_dataset(*folders).intents)
    add(folders[0], "nlu:\n- intent: track_order\n  examples: |\n    - WHERE is  my order\n")
    assert len(read_dataset(*folders).intents) == before


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("nlu:\n- intent: a\n  examples: |\n    - x\n bad: [\n", 5, "broken YAML"),
        ("nlu:\n- intent: 'a\n", 3, "broken YAML"),
        ("nlu:\n- intent: track_order\n  examples: |\n    - a\x07b\n", 4, "special characters"),
        ("nlu:\n- intent: track_order\n  examples: >\n    - a\n    - b\n", 3, "write `|`"),
        ("rules: []\n", 1, "has no list `nlu`"),
        ("", 1, "has no list `nlu`"),
        ("nlu:\n- examples: |\n    - x\n", 2, "neither `intent`"),
        ("nlu:\n- intent: track_order\n", 2, "has no examples"),
        ("nlu:\n- intent: track_order\n  examples: |\n\n", 2, "has no examples"),
    ],
)
def test_faults_of_a_file(folders: Folders, content: str, line: int, reason: str) -> None:
    file = add(folders[0], content)
    found = problems(folders)
    assert [problem for problem in found if problem.startswith(f"{file}:{line}: ") and reason in problem], (
        found
    )


@pytest.mark.parametrize(
    "marked",
    [
        "where is [it",
        "where is it]",
        "[it] is late",
        "[RP-1](Order Id)",
        "[x]{entity: product}",
        '[x]{"value": "y"}',
        '[x]{"entity": "product", "value": 3}',
        "[[x]](product)",
        "[](product)",
    ],
)
def test_broken_markup_is_reported(folders: Folders, marked: str) -> None:
    file = add(folders[0], f"nlu:\n- intent: track_order\n  examples: |\n    - fine\n    - {marked}\n")
    assert [problem for problem in problems(folders) if problem.startswith(f"{file}:5: broken entity markup")]


def test_an_intent_that_the_domain_does_not_know_is_reported(folders: Folders, tmp_path: Path) -> None:
    domain = tmp_path / "domain.yml"
    domain.write_text("intents:\n- track_order\n- out_of_scope: {use_entities: []}\n", encoding="utf-8")
    found = problems(folders, domain)
    assert len(found) == 1
    assert "unknown intent 'cancel_order'" in found[0]


def test_a_file_that_is_not_utf_8_is_reported_with_the_line(folders: Folders) -> None:
    file = folders[0] / "latin.yml"
    file.write_bytes("nlu:\n- intent: track_order\n  examples: |\n    - un café\n".encode("latin-1"))
    assert any(problem.startswith(f"{file}:4: unreadable") for problem in problems(folders))


@pytest.mark.parametrize("nameless", ["{}", "[]", "[a]", "{[a]: b}"])
def test_an_intent_of_the_domain_without_a_name_is_reported(
    folders: Folders, tmp_path: Path, nameless: str
) -> None:
    domain = tmp_path / "domain.yml"
    known = "intents:\n- track_order\n- cancel_order\n- out_of_scope\n"
    domain.write_text(f"{known}- {nameless}\n", encoding="utf-8")
    assert problems(folders, domain) == [f"{domain}:5: an intent without a name"]


def test_a_label_with_too_few_utterances_is_reported(folders: Folders) -> None:
    add(folders[0], "nlu:\n- intent: thank\n  examples: |\n    - ta\n    - cheers\n")
    assert any("thank has 2 utterances" in problem for problem in problems(folders))


def test_an_empty_folder_is_reported(folders: Folders, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert f"{empty}: no *.yml files" in problems((empty, folders[1]))
