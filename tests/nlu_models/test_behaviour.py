"""The trained model's behaviour: every capability reaches its floor."""

from pathlib import Path

import pytest

from nlu_models.runtime import Encoder
from tests.nlu_models.behaviour_cases import (
    Direction,
    Invariance,
    MinimumFunctionality,
    Outcome,
    read_capabilities,
    run,
    table,
)
from tests.nlu_models.bundled import load_bundled_encoder
from tests.nlu_models.held_out_rows import intent_rows

CAPABILITIES = read_capabilities(Path(__file__).with_name("behaviour"))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_bundled_encoder()


@pytest.fixture(scope="module")
def outcomes(encoder: Encoder) -> dict[str, Outcome]:
    return {capability.capability: run(capability, encoder.understand) for capability in CAPABILITIES}


def test_there_are_cases_enough_of_every_kind() -> None:
    cases = [case for capability in CAPABILITIES for case in capability.tests]
    assert len(cases) >= 200
    for kind in (MinimumFunctionality, Invariance, Direction):
        assert sum(isinstance(case, kind) for case in cases) >= 15


def test_cases_name_intents_that_exist() -> None:
    known = {row.label for row in intent_rows()}
    named = {
        name
        for capability in CAPABILITIES
        for case in capability.tests
        if isinstance(case, MinimumFunctionality)
        for name in (case.intent, case.not_intent, *(case.wishes or ()))
        if name is not None
    }
    assert named <= known


def test_the_table_of_pass_rates(outcomes: dict[str, Outcome], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\n" + table(list(outcomes.values())))
    assert len(outcomes) == len(CAPABILITIES)


@pytest.mark.parametrize("capability", [item.capability for item in CAPABILITIES])
def test_floor(outcomes: dict[str, Outcome], capability: str) -> None:
    assert outcomes[capability].holds, "\n" + table([outcomes[capability]])
