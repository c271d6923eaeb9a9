"""The entity extractor on messages that nobody who built it has seen, with the shop's own catalogue."""

from dataclasses import dataclass
from datetime import date

import pytest
import yaml

from nlu_models.report.held_out import HELD_OUT
from tests.nlu_models.bundled import load_bundled_models
from tests.nlu_models.span_scores import Span, differences, scores

#: The least F1 of each kind.
FLOORS = {
    "order_id": 0.92,
    "product": 0.82,
    "date": 0.95,
    "money": 0.95,
    "email": 0.98,
    "phone": 0.92,
    "card_number": 0.98,
    "person": 0.88,
    "place": 0.92,
}


@dataclass(frozen=True)
class Message:
    """A message and the entities that it holds."""

    text: str
    expected: list[Span]


def read_messages() -> tuple[date, list[Message]]:
    content = yaml.safe_load((HELD_OUT / "entities.yml").read_text(encoding="utf-8"))
    messages = [
        Message(item["text"], [Span(kind, str(words), str(value)) for kind, words, value in item["found"]])
        for item in content["messages"]
    ]
    return content["today"], messages


TODAY, MESSAGES = read_messages()


@pytest.fixture(scope="module")
def found() -> list[list[Span]]:
    entities = load_bundled_models().entities
    return [
        [
            Span(entity.entity, message.text[entity.start : entity.end], entity.value)
            for entity in entities.extract(message.text, TODAY)
        ]
        for message in MESSAGES
    ]


def test_expected_words_stand_in_their_message() -> None:
    assert [m.text for m in MESSAGES if not all(span.words in m.text for span in m.expected)] == []
    assert sum(not message.expected for message in MESSAGES) >= 30
    assert sum(bool(message.expected) for message in MESSAGES) >= 150


def test_every_kind_holds_its_floor(found: list[list[Span]], capsys: pytest.CaptureFixture[str]) -> None:
    reached = scores(zip([message.expected for message in MESSAGES], found, strict=True))
    lines = [f"{'entity':<12} {'precision':>9} {'recall':>7} {'F1':>6}"]
    lines += [f"{kind:<12} {s.precision:>9.3f} {s.recall:>7.3f} {s.f1:>6.3f}" for kind, s in reached.items()]
    for message, spans in zip(MESSAGES, found, strict=True):
        if wrong := differences(message.expected, spans):
            lines += [f"  {message.text!r}: {'; '.join(wrong)}"]
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    assert set(reached) == set(FLOORS)
    assert {kind: s.f1 for kind, s in reached.items() if s.f1 < FLOORS[kind]} == {}


def test_messages_without_entities_stay_without(found: list[list[Span]]) -> None:
    plain = [spans for message, spans in zip(MESSAGES, found, strict=True) if not message.expected]
    assert sum(bool(spans) for spans in plain) <= len(plain) * 0.1
