"""Trainers edit utterances, moods and texts; what would be unusable is told by file and line and not saved."""

import shutil
from pathlib import Path

import pytest

from tests.web.training.conftest import MOODS, ORDERS, TRAINER
from web.training.service import Training
from web.training.settings import REPOSITORY
from web.training.shapes import Fault, Faulty, FileChanged, Refused

NLU = "data/rasa/nlu"
GREETING = "data/variants/greeting.yml"


@pytest.fixture
def with_variants(checkout: Path) -> Path:
    """The checkout with the shop's own texts."""
    shutil.copytree(REPOSITORY / "data/variants", checkout / "data/variants", dirs_exist_ok=True)
    (checkout / "data/demo").mkdir()
    shutil.copy(REPOSITORY / "data/demo/personas.yml", checkout / "data/demo")
    return checkout


async def test_intents_say_how_much_the_data_holds_of_each(training: Training) -> None:
    summaries = {summary.name: summary for summary in await training.intents()}
    assert list(summaries) == ["track_order", "cancel_order", "get_refund", "out_of_scope"]
    assert summaries["track_order"].utterances == 5
    assert summaries["track_order"].files == ((f"{NLU}/orders.yml", 4), (f"{NLU}/other.yml", 1))


async def test_an_edited_block_is_saved_and_the_rest_of_the_file_kept(
    training: Training, checkout: Path
) -> None:
    block, _ = await training.utterances("track_order")
    assert (block.line, block.utterances[2]) == (8, "track my parcel")
    utterances = [*block.utterances[:2], "track [my  kettle](product)", block.utterances[3], ""]
    draft = await training.draft_utterances(block, utterances)
    assert draft.faults == ()
    assert [line for line in draft.diff.splitlines() if line[0] in "+-"][2:] == [
        "-      - track my parcel",
        "+      - track [my kettle](product)",
    ]
    file = checkout / NLU / "orders.yml"
    assert file.read_text() == ORDERS
    await training.save(draft, TRAINER)
    assert file.read_text() == ORDERS.replace("track my parcel", "track [my kettle](product)")
    [entry] = await training.audit(limit=1)
    assert (entry.what, entry.details) == ("edited", {"path": f"{NLU}/orders.yml", "changed_lines": 2})
    with pytest.raises(FileChanged):
        await training.draft_utterances(block, ["older"])
    with pytest.raises(FileChanged):
        await training.save(draft, TRAINER)


async def test_faults_name_file_and_line_and_nothing_is_saved(training: Training, checkout: Path) -> None:
    block, _ = await training.utterances("track_order")
    utterances = ["where is [it", block.utterances[1], "cancel my order", block.utterances[3]]
    draft = await training.draft_utterances(block, utterances)
    assert draft.faults[:2] == (
        Fault(f"{NLU}/orders.yml", 8, "broken entity markup: a '[' that belongs to no [text](entity)"),
        Fault(
            f"{NLU}/orders.yml",
            16,
            f"'cancel my order' is cancel_order here and track_order at {NLU}/orders.yml:10",
        ),
    )
    with pytest.raises(Faulty):
        await training.save(draft, TRAINER)
    assert (checkout / NLU / "orders.yml").read_text() == ORDERS


async def test_a_whole_file_may_be_edited_even_when_it_is_broken(training: Training, checkout: Path) -> None:
    path = "data/sentiment/shop.yml"
    file = await training.file(path)
    assert file.text == MOODS
    draft = await training.draft_file(path, MOODS.replace("label: angry", "label: cross"), file.version)
    assert draft.faults == (Fault(path, 3, "unknown label 'cross'"),)
    (checkout / path).write_text("sentiment: [")
    broken = await training.file(path)
    mended = await training.draft_file(path, MOODS, broken.version)
    assert mended.faults == ()
    await training.save(mended, TRAINER)
    assert [block.label for block in await training.moods()] == ["angry", "neutral"]


@pytest.mark.parametrize(
    "path", ["domain.yml", "../secret.yml", "data/rasa/nlu/../../../domain.yml", "/etc/hosts"]
)
async def test_no_other_file_is_read(training: Training, path: str) -> None:
    with pytest.raises(Refused, match="none of the files"):
        await training.file(path)


async def test_a_reply_is_edited_by_itself(training: Training, with_variants: Path) -> None:
    before = (with_variants / GREETING).read_text()
    names = dict(await training.replies())
    assert names["utter_thanks"] == GREETING
    source = await training.reply("utter_thanks")
    assert source.text.startswith("  utter_thanks:\n")
    assert before.splitlines()[source.line - 1] == "  utter_thanks:"
    assert before.count(source.text) == 1

    old_line = next(line for line in source.text.splitlines() if line.strip().startswith("- name:"))
    broken = source.text.replace(old_line, old_line.replace("- name:", "- naem:"), 1)
    draft = await training.draft_reply(source, broken)
    place = source.line + source.text.splitlines().index(old_line)
    assert place in {fault.line for fault in draft.faults if fault.path == GREETING}

    draft = await training.draft_reply(source, source.text.rstrip("\n").replace("welcome", "very welcome"))
    assert draft.faults == ()
    await training.save(draft, TRAINER)
    assert (with_variants / GREETING).read_text() == before.replace(
        source.text, source.text.replace("welcome", "very welcome")
    )


async def test_every_reply_is_found_with_its_own_lines_and_no_other(
    training: Training, with_variants: Path
) -> None:
    replies = await training.replies()
    assert len(replies) == len(dict(replies))
    sources = [await training.reply(name) for name, _ in replies]
    for path in {path for _, path in replies}:
        left = (with_variants / path).read_text()
        for source in sources:
            if source.path == path:
                assert source.text.strip().startswith(f"{source.reply}:")
                left = left.replace(source.text, "", 1)
        # Nothing but the head of the file, comments and empty lines is in no reply.
        rest = [line for line in left.splitlines() if line.strip() and not line.strip().startswith("#")]
        assert rest == ["version: 1", "replies:"]
