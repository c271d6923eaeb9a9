"""Utterances are changed line by line; everything else in a file stays byte for byte."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu_models.training.dataset import read_dataset
from tests.web.training.conftest import MOODS, ORDERS, OTHER
from web.training import utterance_blocks
from web.training.markup import MarkupFault, on_one_line, parse, plain
from web.training.settings import REPOSITORY
from web.training.utterance_blocks import NotEditable, append, blocks, lines_of, replace

REAL_FILES = sorted((REPOSITORY / "data/rasa/nlu").glob("*.yml"))


def learnable(text: str) -> bool:
    try:
        parse(text)
    except MarkupFault:
        return False
    return True


utterances = st.text(max_size=60).map(on_one_line).filter(learnable)


def test_blocks_say_where_each_utterance_stands() -> None:
    track, cancel = blocks(ORDERS)
    assert (track.label, track.indent) == ("track_order", "      ")
    assert track.utterances[1:3] == ("when does [RP-100234](order_id) arrive", "track my parcel")
    assert [ORDERS.splitlines()[line].strip()[2:] for line in track.lines] == list(track.utterances)
    assert cancel.utterances[-1] == "i do not want the [kettle](product) any more"
    assert [block.label for block in blocks(MOODS, utterance_blocks.MOODS)] == ["angry", "neutral"]


def test_appending_adds_lines_and_touches_no_other() -> None:
    assert append(ORDERS, "track_order", ["one", "two"]) == ORDERS.replace(
        "      - has it been sent yet\n", "      - has it been sent yet\n      - one\n      - two\n"
    )


@settings(deadline=None)
@given(new=st.lists(utterances, min_size=1, max_size=5), which=st.integers(0, 4))
def test_what_is_appended_is_read_back_and_the_rest_is_as_it_was(new: list[str], which: int) -> None:
    text, label = [
        (ORDERS, "track_order"),
        (ORDERS, "cancel_order"),
        (OTHER, "get_refund"),
        (OTHER, "track_order"),
        (OTHER.rstrip("\n").replace("\n", "\r\n"), "track_order"),
    ][which]
    after = append(text, label, new)
    before_lines, after_lines = lines_of(text), lines_of(after)
    block = next(block for block in blocks(text) if block.label == label)
    place = block.lines[-1] + 1
    ended = before_lines[:place]
    if place == len(before_lines) and not ended[-1].endswith("\n"):
        ended[-1] += "\r\n"
    assert after_lines[:place] == ended
    assert after_lines[place + len(new) :] == before_lines[place:]
    changed = next(block for block in blocks(after) if block.label == label)
    assert changed.utterances == (*block.utterances, *new)


@settings(deadline=None)
@given(new=st.lists(utterances, min_size=1, max_size=6))
def test_what_replaces_is_read_back_and_lines_that_stay_are_kept(new: list[str]) -> None:
    for block in blocks(ORDERS):
        mixed = [*new[:3], *block.utterances[1:], *new[3:]]
        after = replace(ORDERS, block, mixed)
        again = next(at for at in blocks(after) if at.label == block.label)
        assert list(again.utterances) == mixed
        outside = [line for row, line in enumerate(lines_of(ORDERS)) if row not in block.lines]
        assert [line for row, line in enumerate(lines_of(after)) if row not in again.lines] == outside


@settings(deadline=None)
@given(new=st.lists(utterances, min_size=1, max_size=5, unique_by=lambda text: plain(text).casefold()))
def test_what_is_written_is_what_the_models_read(
    tmp_path_factory: pytest.TempPathFactory, new: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("data")
    for name in ("nlu", "moods"):
        (folder / name).mkdir()
    (folder / "nlu/orders.yml").write_bytes(append(ORDERS, "track_order", new).encode())
    (folder / "nlu/other.yml").write_text(OTHER)
    (folder / "moods/shop.yml").write_text(MOODS)
    rows = read_dataset(folder / "nlu", folder / "moods").intents
    read = {row.text: tuple((e.entity, e.start, e.end) for e in row.entities) for row in rows}
    for utterance in new:
        text, spans = parse(utterance)
        assert read[text.strip()] == tuple((span.entity, span.start, span.end) for span in spans)


@pytest.mark.parametrize("file", REAL_FILES, ids=lambda file: file.name)
def test_the_files_of_the_shop_can_be_edited_and_stay_as_they_were(file: Path) -> None:
    text = file.read_bytes().decode()
    content = yaml.safe_load(text)
    for block in blocks(text):
        assert replace(text, block, block.utterances) == text
    label = content["nlu"][0]["intent"]
    after = append(text, label, ["a [new](product) one"])
    before_lines, after_lines = lines_of(text), lines_of(after)
    [place] = [row for row, line in enumerate(after_lines) if line == "      - a [new](product) one\n"]
    assert after_lines[:place] + after_lines[place + 1 :] == before_lines


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nlu: [", "line 1: broken YAML"),
        ("nlu:\n- intent: a\n  examples: |\n    - x\n    y\n", "line 5: an utterance begins with `- `"),
        ("nlu:\n- intent: a\n  examples: ['x']\n", "line 2: a has no examples after a `|`"),
        ("nlu:\n- intent: a\n  examples: |\n\nx: 1\n", "a has no examples"),
        ("nlu:\n- intent: a\n  examples: |\n    - x\u2028y\n", "line ends of another kind"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(NotEditable, match=re.escape(why)):
        blocks(text)


def test_an_intent_is_not_left_without_utterances_nor_made_up() -> None:
    with pytest.raises(NotEditable, match="without utterances"):
        replace(ORDERS, blocks(ORDERS)[0], [])
    with pytest.raises(NotEditable, match="no block of warranty"):
        append(ORDERS, "warranty", ["x"])
