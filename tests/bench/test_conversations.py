"""Files of conversations to replay."""

from pathlib import Path

import pytest

from bench.conversations import UnreadableFileError, read


def test_json_lines_are_read_in_order(tmp_path: Path) -> None:
    file = tmp_path / "talk.jsonl"
    file.write_text('{"customer": "C000001", "texts": ["hi", "where is it?"]}\n\n{"texts": ["hello"]}\n')
    first, second = read(file)
    assert (first.customer, first.texts) == ("C000001", ["hi", "where is it?"])
    assert (second.customer, second.name) == (None, "line 3")


def test_of_an_abcd_dialogue_only_the_customer_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "abcd.json"
    file.write_text(
        '[{"convo_id": 7, "scenario": {"subflow": "status"},'
        ' "original": [["agent", "Hello"], ["customer", "hey"], ["action", "looked up"], ["customer", "bye"]]}]'
    )
    (conversation,) = read(file)
    assert (conversation.name, conversation.customer, conversation.texts) == (
        "7 status",
        None,
        ["hey", "bye"],
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"texts": ["a"]}\n{"texts": []}\n{oops', ":2: texts.*\n.*:3: "),
        ("", "no conversation"),
        ('[{"convo_id": 1}]', "ABCD"),
    ],
)
def test_every_bad_line_is_named(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(content)
    with pytest.raises(UnreadableFileError, match=says):
        read(file)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"nowhere\.jsonl"):
        read(tmp_path / "nowhere.jsonl")
