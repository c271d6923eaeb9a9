"""Decisions of trainers: kept with all they are about, undone until written, written as they were planned."""

from pathlib import Path

import pytest

from tests.web.training.conftest import TRAINER, ConsentingProfiles, Query, Said
from web.training import consent
from web.training.service import Training
from web.training.shapes import (
    Action,
    AlreadyDecided,
    Decision,
    Faulty,
    FileChanged,
    Refused,
    ReviewItem,
    WritePlan,
)

ACCEPT, DROP = Decision(Action.ACCEPT), Decision(Action.DROP)
NLU = "data/rasa/nlu"


def contents(folder: Path) -> dict[Path, str]:
    return {file: file.read_text() for file in sorted(folder.rglob("*")) if file.is_file()}


async def item_of(training: Training, text: str) -> ReviewItem:
    return next(item for item in (await training.review_queue()).items if item.text == text)


async def decide(training: Training, text: str, decision: Decision) -> None:
    await training.decide(await item_of(training, text), decision, TRAINER)


def correct(intent: str, *utterances: str) -> Decision:
    return Decision(Action.CORRECT, intent, utterances)


async def test_what_is_decided_does_not_come_back_in_any_spelling(training: Training, said: Said) -> None:
    said("parcel whereabouts")
    said("gibberish gibberish")
    await decide(training, "parcel whereabouts", ACCEPT)
    await decide(training, "gibberish gibberish", DROP)
    said("Parcel whereabouts???", customer="C000002")
    said("gibberish, gibberish")
    assert (await training.review_queue()).items == ()


async def test_undone_it_comes_back_and_both_are_in_the_log(training: Training, said: Said) -> None:
    said("parcel whereabouts")
    item = await item_of(training, "parcel whereabouts")
    review = await training.decide(item, ACCEPT, TRAINER)
    await training.undo(review, TRAINER)
    assert (await training.review_queue()).items == (item,)
    assert await training.decided() == ()
    with pytest.raises(Refused, match="was undone"):
        await training.undo(review, TRAINER)
    undone, decided = await training.audit(limit=2)
    assert (undone.who, undone.what, undone.details) == (
        TRAINER,
        "decision undone",
        {"review_id": str(review)},
    )
    assert (decided.who, decided.what) == (TRAINER, "decided")
    assert decided.details == {
        "review_id": str(review),
        "action": "accept",
        "intent": "track_order",
        "understood_as": "track_order",
        "messages": 1,
    }


async def test_of_two_trainers_one_decides(training: Training, said: Said) -> None:
    said("parcel whereabouts")
    item = await item_of(training, "parcel whereabouts")
    await training.decide(item, ACCEPT, TRAINER)
    with pytest.raises(AlreadyDecided):
        await training.decide(item, DROP, "another")
    [kept] = await training.decided()
    assert (kept.action, kept.decided_by) == (Action.ACCEPT, TRAINER)


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (Decision(Action.CORRECT), "say which intent"),
        (correct("warranty"), "the dialogue has no intent warranty"),
        (correct("get_refund", "where is [it"), "belongs to no"),
        (correct("get_refund", "the [red](colour) one"), "no entity colour"),
        (correct("get_refund", "  "), "no text"),
    ],
)
async def test_what_can_t_be_learnt_is_refused_in_words(
    training: Training, said: Said, decision: Decision, why: str
) -> None:
    said("parcel whereabouts")
    with pytest.raises(Refused, match=why):
        await decide(training, "parcel whereabouts", decision)
    assert len((await training.review_queue()).items) == 1


async def test_accepted_corrected_and_marked_utterances_go_to_the_file_of_their_intent(
    training: Training, said: Said, checkout: Path, query: Query
) -> None:
    before = contents(checkout)
    said("parcel whereabouts")
    said("give us the dosh for the kettle", "track_order", entities=[("product", "kettle")])
    said("what rhymes with orange", "out_of_scope", 0.8)
    said("asdf", "cancel_order")
    await decide(training, "parcel whereabouts", ACCEPT)
    await decide(training, "give us the dosh for the kettle", correct("get_refund"))
    await decide(training, "what rhymes with orange", correct("out_of_scope", "what rhymes  with\norange"))
    await decide(training, "asdf", DROP)

    plan = await training.plan_write()
    assert (plan.faults, plan.known, plan.withdrawn, len(plan.reviews)) == ((), (), (), 3)
    assert {change.path: change.utterances for change in plan.changes} == {
        f"{NLU}/orders.yml": (("track_order", "parcel whereabouts"),),
        f"{NLU}/other.yml": (
            ("get_refund", "give us the dosh for the [kettle](product)"),
            ("out_of_scope", "what rhymes with orange"),
        ),
    }
    assert "\n+      - parcel whereabouts\n" in plan.changes[0].diff
    assert contents(checkout) == before

    await training.write(plan, TRAINER)
    after = contents(checkout)
    changed = {file.name: after[file] for file in after if after[file] != before.get(file)}
    assert changed == {
        "orders.yml": before[checkout / NLU / "orders.yml"].replace(
            "      - has it been sent yet\n", "      - has it been sent yet\n      - parcel whereabouts\n"
        ),
        "other.yml": before[checkout / NLU / "other.yml"]
        .replace(
            "    - pay me back\n", "    - pay me back\n    - give us the dosh for the [kettle](product)\n"
        )
        .replace("    - who won the match\n", "    - who won the match\n    - what rhymes with orange\n"),
    }
    assert all(review.written_at for review in await training.decided() if review.action is not Action.DROP)
    assert (await training.plan_write()).changes == ()
    [entry] = await training.audit(limit=1)
    assert (entry.what, entry.details["utterances"]) == (
        "written",
        {"track_order": 1, "get_refund": 1, "out_of_scope": 1},
    )
    with pytest.raises(Refused, match="written"):
        await training.undo(plan.reviews[0], TRAINER)
    assert "whereabouts" not in str(query("SELECT details FROM training.audit"))


async def test_what_the_data_holds_is_not_written_twice_and_another_label_is_a_fault(
    training: Training, said: Said, checkout: Path
) -> None:
    said("Track  MY parcel")
    said("what about my money", "get_refund")
    await decide(training, "Track  MY parcel", ACCEPT)
    await decide(training, "what about my money", correct("track_order", "i want MY money back"))
    plan = await training.plan_write()
    assert plan.known == (("track_order", "Track MY parcel"),)
    [fault] = plan.faults
    assert (fault.path, fault.line) == (f"{NLU}/other.yml", 5)
    assert fault.message == "“i want MY money back” is get_refund here, and was decided to be track_order"
    with pytest.raises(Faulty):
        await training.write(plan, TRAINER)
    assert "MY money" not in (checkout / NLU / "orders.yml").read_text()


async def test_two_decisions_that_contradict_each_other_are_a_fault(training: Training, said: Said) -> None:
    said("one matter")
    said("another thing")
    await decide(training, "one matter", correct("track_order", "the same words"))
    await decide(training, "another thing", correct("get_refund", "The same words"))
    [fault] = (await training.plan_write()).faults
    assert "is track_order in another decision" in fault.message


async def planned(training: Training, said: Said) -> WritePlan:
    said("parcel whereabouts")
    await decide(training, "parcel whereabouts", ACCEPT)
    return await training.plan_write()


async def test_a_file_that_changed_meanwhile_is_not_overwritten(
    training: Training, said: Said, checkout: Path
) -> None:
    plan = await planned(training, said)
    file = checkout / NLU / "orders.yml"
    file.write_text(file.read_text() + "# somebody was here\n")
    with pytest.raises(FileChanged, match=r"orders\.yml was changed in the meantime"):
        await training.write(plan, TRAINER)
    assert "whereabouts" not in file.read_text()
    await training.write(await training.plan_write(), TRAINER)
    assert "whereabouts" in file.read_text() and "somebody was here" in file.read_text()


async def test_a_decision_undone_since_it_was_planned_is_not_written(
    training: Training, said: Said, checkout: Path
) -> None:
    plan = await planned(training, said)
    await training.undo(plan.reviews[0], TRAINER)
    with pytest.raises(Refused, match="taken back"):
        await training.write(plan, TRAINER)
    assert "whereabouts" not in (checkout / NLU / "orders.yml").read_text()


async def test_whose_consent_is_withdrawn_or_who_is_erased_is_not_written(
    training: Training,
    said: Said,
    profiles: ConsentingProfiles,
    checkout: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consent, "REMEMBERED", 0.0)
    said("parcel whereabouts")
    gone = said("coins back pronto", "get_refund", customer="C000002")
    await decide(training, "parcel whereabouts", ACCEPT)
    await decide(training, "coins back pronto", ACCEPT)
    plan = await training.plan_write()
    profiles.training.discard("C000001")
    said.erase(gone)
    with pytest.raises(Refused, match="consent"):
        await training.write(plan, TRAINER)
    later = await training.plan_write()
    assert (later.changes, later.reviews) == ((), ())
    assert set(later.withdrawn) == set(plan.reviews)


async def test_all_files_are_replaced_or_none(
    training: Training, said: Said, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("parcel whereabouts")
    said("coins back pronto", "get_refund")
    await decide(training, "parcel whereabouts", ACCEPT)
    await decide(training, "coins back pronto", ACCEPT)
    plan = await training.plan_write()
    before = contents(checkout)
    move = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "other.yml":
            raise OSError(28, "No space left on device")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Refused, match=r"other\.yml can't be written: No space left"):
        await training.write(plan, TRAINER)
    assert contents(checkout) == before
