"""The runner of the behaviour tests, against a model of a few words."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.nlu_models.behaviour_cases import (
    Capability,
    Direction,
    Invariance,
    MinimumFunctionality,
    read_capabilities,
    run,
    table,
)


@dataclass(frozen=True)
class Answer:
    intent: str
    in_scope: bool = True
    wishes: tuple[str, ...] = ()
    sentiment: str = "neutral"
    sentiment_scores: dict[str, float] = field(default_factory=dict)


def understand(text: str) -> Answer:
    """Cancels what says cancel, tracks the rest; is as angry as there are exclamation marks."""
    anger = min(1.0, 0.02 + 0.1 * text.count("!"))
    return Answer(
        intent="cancel_order" if "cancel" in text else "track_order",
        in_scope="weather" not in text,
        wishes=("cancel_order", "get_invoice") if "cancel" in text and "invoice" in text else (),
        sentiment="angry" if anger > 0.5 else "neutral",
        sentiment_scores={"angry": anger, "neutral": 1 - anger},
    )


def test_minimum_functionality_compares_what_is_given_and_nothing_else() -> None:
    assert MinimumFunctionality(mft="cancel it", intent="cancel_order").faults(understand) == []
    assert MinimumFunctionality(mft="the weather", in_scope=False).faults(understand) == []
    assert MinimumFunctionality(mft="don't cancel", intent="track_order", sentiment="angry").faults(
        understand
    ) == [
        '"don\'t cancel": intent cancel_order, not track_order',
        '"don\'t cancel": sentiment neutral, not angry',
    ]
    assert MinimumFunctionality(mft="the weather", in_scope=True).faults(understand) == [
        "'the weather': out of scope (track_order)"
    ]


def test_an_intent_can_be_ruled_out() -> None:
    case = MinimumFunctionality(mft="don't cancel", not_intent="cancel_order")
    assert case.faults(understand) == ['"don\'t cancel": intent cancel_order']


def test_wishes_must_come_in_their_order() -> None:
    text = "cancel it and send the invoice"
    assert MinimumFunctionality(mft=text, wishes=["cancel_order", "get_invoice"]).faults(understand) == []
    assert MinimumFunctionality(mft=text, wishes=["get_invoice", "cancel_order"]).faults(understand)
    assert MinimumFunctionality(mft="cancel it", wishes=[]).faults(understand) == []


def test_invariance_names_the_variant_that_differs() -> None:
    case = Invariance(inv="cancel it", variants=["please cancel it", "CANCEL IT"])
    assert case.faults(understand) == ["'CANCEL IT': track_order, but 'cancel it': cancel_order"]


@pytest.mark.parametrize(
    ("before", "after", "direction", "holds"),
    [
        ("where", "where!!!", "up", True),
        ("where", "where", "up", False),
        ("where!!!", "where", "down", True),
        ("where", "where!!!", "not_up", False),
        ("where", "where", "not_down", True),
        ("where!!!", "where", "not_down", False),
    ],
)
def test_direction_looks_at_one_score(before: str, after: str, direction: str, holds: bool) -> None:
    case = Direction.model_validate(
        {"before": before, "after": after, "score": "angry", "direction": direction}
    )
    assert (case.faults(understand) == []) is holds


def test_the_table_tells_rates_and_every_failure() -> None:
    capability = Capability(
        capability="negation",
        floor=0.6,
        tests=[
            MinimumFunctionality(mft="cancel", intent="cancel_order"),
            MinimumFunctionality(mft="don't cancel", intent="track_order"),
        ],
    )
    outcome = run(capability, understand)
    assert (outcome.cases, outcome.passed, outcome.rate, outcome.holds) == (2, 1, 0.5, False)
    printed = table([outcome])
    assert "negation" in printed
    assert "1/2" in printed
    assert "UNDER ITS FLOOR" in printed
    assert "intent cancel_order, not track_order" in printed


@pytest.mark.parametrize(
    "test",
    [
        "{mft: hello}",
        "{mft: hello, intnt: greet}",
        "{inv: hello, variants: []}",
        "{before: a, after: b, score: rage, direction: up}",
        "{mft: hello, sentiment: happy}",
    ],
)
def test_a_case_of_the_wrong_form_is_refused(tmp_path: Path, test: str) -> None:
    (tmp_path / "a.yml").write_text(f"capability: x\nfloor: 0.9\ntests: [{test}]\n", encoding="utf-8")
    with pytest.raises(ValidationError):
        read_capabilities(tmp_path)
