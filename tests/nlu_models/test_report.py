"""What a report says of judged messages."""

from pathlib import Path

import pytest

from nlu_models.report.held_out import HELD_OUT, HeldOutError, HeldOutRow, read_held_out
from nlu_models.report.part import (
    asking_of,
    calibration_of,
    confusions_of,
    intents_of,
    mood_of,
    part_of,
    scope_of,
)
from nlu_models.report.report import sources_of
from nlu_models.report.summary import Source, most_confused
from nlu_models.runtime import Encoder
from nlu_models.runtime.wishes import OUT_OF_SCOPE
from nlu_models.settings import ROOT
from nlu_models.training.dataset import Row
from tests.bot.tiny_encoder import write
from tests.nlu_models.held_out_rows import intent_rows, sentiment_rows
from tests.nlu_models.judged import intent, mood

ROWS = [
    intent("where is it", "track_order", "track_order"),
    intent("any news", "track_order", "get_refund"),
    intent("still waiting", "track_order", "track_order", refused=True, scope_score=0.3),
    intent("money back", "get_refund", "get_refund"),
    intent("refund?", "get_refund", "track_order", alternatives=("track_order", "get_refund")),
    intent("a poem", OUT_OF_SCOPE, OUT_OF_SCOPE, scope_score=0.1),
    intent("my cat is late", OUT_OF_SCOPE, "track_order", scope_score=0.6),
]


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    write(tmp_path / "model", intents=["track_order", "get_refund", "out_of_scope"])
    return Encoder.load(tmp_path / "model")


def test_an_intent_shows_what_it_needs_and_what_went_wrong() -> None:
    refund, scope, track = sorted(intents_of(ROWS, lambda _: 0.4), key=lambda one: one.score.label)
    assert [example.text for example in track.examples] == ["any news", "still waiting"]
    assert (track.score.recall.hits, track.score.recall.rows) == (1, 3)
    assert (track.score.precision.hits, track.score.precision.rows) == (1, 3)
    assert (track.threshold, scope.threshold) == (0.4, None)
    assert refund.score.recall.value == 0.5


def test_a_refused_message_keeps_the_intent_that_it_resembles() -> None:
    (_, refused) = next(
        one for one in intents_of(ROWS, lambda _: 0.4) if one.score.label == "track_order"
    ).examples
    assert (refused.understood, refused.likeliest, refused.scope_score) == (OUT_OF_SCOPE, "track_order", 0.3)


def test_scope_counts_what_customers_get() -> None:
    scope = scope_of(ROWS, 0.4)
    assert (scope.served.hits, scope.served.rows) == (2, 5)
    assert (scope.kept.hits, scope.kept.rows) == (4, 5)
    assert (scope.refused.hits, scope.refused.rows) == (1, 2)
    assert scope.auroc == pytest.approx(0.9)


def test_without_messages_out_of_scope_there_is_no_curve() -> None:
    scope = scope_of(ROWS[:5], 0.4)
    assert (scope.auroc, scope.curve, scope.refused.value) == (None, [], None)


def test_asking_helps_when_the_second_intent_is_the_right_one() -> None:
    rows = [
        *ROWS,
        intent("needless", "track_order", "track_order", alternatives=("track_order", "get_refund")),
        intent("in vain", "track_order", "greet", alternatives=("greet", "get_refund")),
        intent("not served", "track_order", "greet", refused=True, alternatives=("greet", "get_refund")),
    ]
    asking = asking_of(rows)
    assert (asking.asked.hits, asking.asked.rows) == (3, 6)
    assert (asking.one_right.hits, asking.saved.hits, asking.needless.hits) == (2, 1, 1)


def test_calibration_is_told_before_and_after() -> None:
    found = calibration_of([mood("a", "angry", "angry", confidence=1.0)])
    assert (found.error_before, found.error) == (0.5, 0.0)


def test_moods_have_a_matrix_by_label_and_understanding() -> None:
    found = mood_of(
        [mood("a", "angry", "angry"), mood("b", "angry", "neutral"), mood("c", "neutral", "neutral")],
        ["angry", "neutral"],
    )
    assert found.matrix == [[1, 1], [0, 1]]
    assert [(one.label, one.understood) for one in found.confusions] == [("angry", "neutral")]


def test_personal_data_is_masked(encoder: Encoder) -> None:
    text = "write to ann@example.com or 020 7946 0958"
    rows = [intent(text, "track_order", "get_refund", alternatives=("get_refund", "track_order"))]
    part = part_of(encoder, rows, [mood(text, "angry", "neutral")], key="test", title="Test", about="")
    shown = [part.intents[0].examples, part.confusions[0].examples, part.asking.examples]
    assert part.mood
    shown.append(part.mood.confusions[0].examples)
    assert {example.text for examples in shown for example in examples} == {"write to [e-mail] or [phone]"}


def test_the_largest_confusion_comes_first() -> None:
    examples = [
        example
        for one in intents_of([*ROWS, intent("no news", "track_order", "get_refund")], lambda _: 0.4)
        for example in one.examples
    ]
    first, *others = confusions_of(examples)
    assert (first.label, first.understood, len(first.examples)) == ("track_order", "get_refund", 2)
    assert {len(one.examples) for one in others} == {1}


def test_the_summary_adds_both_directions_of_a_pair_over_all_parts(encoder: Encoder) -> None:
    parts = [part_of(encoder, ROWS, [], key=key, title=key, about="") for key in ("one", "two")]
    sources = {"track_order": Source(30, ("orders.yml",)), "get_refund": Source(90, ("money.yml",))}
    first, *others = most_confused(parts, sources)
    assert (first.first, first.second, first.forth, first.back) == ("get_refund", "track_order", 2, 2)
    assert "both directions" in " ".join(first.advice)
    assert len(others) == 1, "refused and served messages of track_order are one pair"


def test_the_advice_says_where_to_write_what(encoder: Encoder) -> None:
    def advice(label: str, found: str, *, refused: bool = False) -> str:
        rows = [intent("any news", label, found, refused=refused)]
        part = part_of(encoder, rows, [], key="test", title="Test", about="")
        sources = {"track_order": Source(30, ("orders.yml",)), "get_refund": Source(90, ("money.yml",))}
        return " ".join(most_confused([part], sources)[0].advice)

    one_way = advice("track_order", "get_refund")
    assert "`track_order` lacks utterances like these" in one_way
    assert "`orders.yml`" in one_way
    assert "30 utterances against 90" in one_way
    assert "against" not in advice("get_refund", "track_order")
    assert "One had the right intent, but too low a scope score" in advice(
        "track_order", "track_order", refused=True
    )
    assert "that use the words of `get_refund`" in advice(OUT_OF_SCOPE, "get_refund")


def test_no_advice_is_given_for_intents_that_the_model_was_not_taught(encoder: Encoder) -> None:
    part = part_of(encoder, [intent("x", "warranty", "get_refund")], [], key="t", title="T", about="")
    assert part.unknown == ["warranty"]
    assert most_confused([part], {}) == []


def test_changes_of_the_messages_are_judged_by_the_model(encoder: Encoder) -> None:
    part = part_of(encoder, [intent("hello", "track_order", "track_order")], [], key="t", title="T", about="")
    upper = next(change for change in part.robustness if change.change == "upper case")
    assert (upper.messages, upper.unchanged, upper.changed) == (1, 1.0, 0.0)  # its vocabulary is lower case


def test_the_files_of_an_intent_are_named_from_the_checkout() -> None:
    nlu = ROOT / "data" / "rasa" / "nlu"
    rows = [Row("a", "greet", nlu / "talk.yml", 3), Row("b", "greet", nlu / "talk.yml", 4)]
    assert sources_of(rows) == {"greet": Source(2, ("data/rasa/nlu/talk.yml",))}


def test_held_out_messages_are_read_as_the_tests_read_them() -> None:
    found = read_held_out(HELD_OUT)
    assert found is not None
    assert [(row.text, row.label) for row in found.intents] == [
        (row.text, row.label) for row in intent_rows()
    ]
    assert len(found.sentiments) == len(sentiment_rows())


def test_files_of_other_things_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "entities.yml").write_text("messages: [{text: hi, found: []}]\n")
    (tmp_path / "one.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - hi\n\n    - a - b\n")
    found = read_held_out(tmp_path)
    assert found is not None
    assert found.intents == [HeldOutRow("hi", "greet"), HeldOutRow("a - b", "greet")]
    assert read_held_out(tmp_path / "none") is None


@pytest.mark.parametrize("content", ["nlu: [", "- a\n", "nlu:\n- intent: greet\n", "nlu: 3\n"])
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "one.yml").write_text(content)
    with pytest.raises(HeldOutError, match=r"one\.yml"):
        read_held_out(tmp_path)
