"""What must hold of the situations themselves; tests/e2e/test_matrix.py goes through them."""

from datetime import date

import pytest
import yaml

from tests.data.test_stories import CHECKOUT, DOMAIN, REPLIES
from tests.e2e.matrix.situations import ANY, WHO, Situation, situations, steps

SITUATIONS = situations()
TODAY = date(2026, 11, 22)


def test_eight_personas_and_a_visitor_meet_twenty_situations() -> None:
    personas = yaml.safe_load((CHECKOUT / "data/demo/personas.yml").read_text(encoding="utf-8"))["personas"]
    assert tuple(persona["name"].split()[0].lower() for persona in personas) == WHO[:-1]
    assert len({situation.name for situation in SITUATIONS}) == len(SITUATIONS) == 20


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_a_situation_expects_only_what_there_is(situation: Situation) -> None:
    named = {name for turn in situation.turns for names in turn.who for name in names.split(", ")}
    assert named <= set(WHO)
    for who in WHO:
        turns = steps(situation, who, TODAY)
        assert turns, who
        for step in turns:
            expect = step.expect
            replies = [expect.reply] if isinstance(expect.reply, str) else expect.reply
            assert set(replies) <= REPLIES | {ANY}
            assert expect.intent is None or expect.intent in DOMAIN["intents"]
            assert expect.form in {None, ANY} or f"{expect.form}_form" in DOMAIN["forms"]


def test_days_and_values_are_filled_in() -> None:
    where = next(situation for situation in SITUATIONS if situation.name.startswith("where is my order"))
    assert "Tuesday 24 November" in steps(where, "derek", TODAY)[0].expect.must
