"""What is measured is what customers get."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from nlu_models.card import FIGURES, figures
from nlu_models.evaluation import card_figures, judge_intents, judge_sentiments, measure
from nlu_models.runtime import Encoder
from nlu_models.runtime.encoder import softmax
from nlu_models.runtime.model_folder import LABELS_FILE
from nlu_models.runtime.wishes import OUT_OF_SCOPE
from tests.bot.tiny_encoder import write
from tests.nlu_models.judged import intent, mood


@dataclass(frozen=True)
class Message:
    text: str
    label: str


INTENTS = [
    Message("hello", "greet"),
    Message("thanks", "thank"),
    Message("hello", "thank"),
    Message("boo", OUT_OF_SCOPE),
]


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    """Knows "hello" and "thanks"; takes every mood for neutral."""
    write(tmp_path / "model")
    return Encoder.load(tmp_path / "model")


def test_a_judged_message_says_what_is_served(encoder: Encoder) -> None:
    hello, thanks, mislabelled, boo = judge_intents(encoder, INTENTS)
    assert (hello.decision, thanks.decision, boo.decision) == ("greet", "thank", OUT_OF_SCOPE)
    assert [row.right for row in (hello, thanks, mislabelled, boo)] == [True, True, False, True]
    assert hello.confidence == pytest.approx(encoder.understand("hello").confidence)
    assert hello.confidence_before == pytest.approx(hello.confidence), "temperature 1 changes nothing"
    assert hello.milliseconds > 0


def test_the_confidence_before_calibration_is_that_of_the_raw_scores(encoder: Encoder) -> None:
    encoder.folder = replace(encoder.folder, intent_temperature=1.7, sentiment_temperature=0.6)
    message = Message("hello", "greet")
    raw = encoder.scores(message.text)
    (judged,) = judge_intents(encoder, [message])
    assert judged.confidence_before == pytest.approx(float(softmax(raw.intents).max()))
    assert judged.confidence < judged.confidence_before
    (of_mood,) = judge_sentiments(encoder, [message])
    assert of_mood.confidence_before == pytest.approx(float(softmax(raw.sentiments).max()))


def test_the_card_gets_what_it_reads(encoder: Encoder) -> None:
    metrics = measure(encoder, INTENTS, [Message("boo", "neutral"), Message("ugh", "angry")])
    assert metrics["intents"]["accuracy"] == 0.75
    assert metrics["scope"] == {"threshold": 0.5, "in_scope_served": 0.6667, "out_of_scope_recall": 1.0}
    assert metrics["sentiments"]["accuracy"] == 0.5
    assert metrics["milliseconds"]["p50"] <= metrics["milliseconds"]["p95"]
    read = figures(encoder.folder.path, {"metrics": metrics})
    of_metrics = [figure.name for figure in FIGURES if figure.path[:1] == ("metrics",)]
    assert all(read[name] is not None for name in of_metrics)


def test_a_figure_without_messages_is_left_out(encoder: Encoder) -> None:
    metrics = measure(encoder, INTENTS[:1], [])
    assert "out_of_scope_recall" not in metrics["scope"]
    assert "sentiments" not in metrics
    assert json.dumps(metrics, allow_nan=False)
    assert "in_scope_served" not in measure(encoder, INTENTS[3:], [])["scope"]


def test_a_model_without_sentiments_is_judged_by_its_intents_alone(tmp_path: Path) -> None:
    write(tmp_path / "model")
    encoder = Encoder.load(tmp_path / "model")
    labels = json.loads((tmp_path / "model" / LABELS_FILE).read_text())
    assert labels["sentiments"]
    intents_alone = Encoder.with_model(
        type(encoder.folder)(**{**vars(encoder.folder), "sentiments": ()}),
        tmp_path / "model" / "model.int8.onnx",
    )
    assert judge_sentiments(intents_alone, [Message("ugh", "angry")]) == []
    assert measure(intents_alone, INTENTS, [Message("ugh", "angry")])["intents"]["rows"] == 4


def test_refusing_does_not_touch_accuracy_and_f1() -> None:
    rows = [intent("a", "greet", "greet"), intent("b", "greet", "greet", refused=True)]
    metrics = card_figures(rows, [mood("c", "angry", "angry")], 0.5)
    assert metrics["intents"]["accuracy"] == metrics["intents"]["macro_f1"] == 1.0
    assert metrics["scope"]["in_scope_served"] == 0.5


def test_out_of_scope_is_refused_by_intent_or_by_threshold() -> None:
    rows = [
        intent("a", OUT_OF_SCOPE, OUT_OF_SCOPE),
        intent("b", OUT_OF_SCOPE, "greet", refused=True),
        intent("c", OUT_OF_SCOPE, "greet"),
    ]
    assert card_figures(rows, [], 0.5)["scope"]["out_of_scope_recall"] == 0.6667
