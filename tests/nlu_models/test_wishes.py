"""Two wishes in a message: its clauses, and which of their intents count."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu_models.runtime import clauses as clauses_module
from nlu_models.runtime.clauses import MOST_CLAUSES, clauses
from nlu_models.runtime.wishes import clause_in_doubt, close_intents, wishes_of


def parts(text: str) -> list[str]:
    return [text[begin:end].strip() for begin, end in clauses(text)]


def test_a_message_is_cut_where_a_second_wish_begins() -> None:
    assert parts("where is my order and can I get an invoice for it?") == [
        "where is my order",
        "can I get an invoice for it",
    ]
    assert parts("cancel it please. Also how do I reset my password") == [
        "cancel it please",
        "Also how do I reset my password",
    ]
    assert parts("do you take paypal, and how long does delivery take") == [
        "do you take paypal",
        "how long does delivery take",
    ]


def test_things_that_belong_together_stay_together() -> None:
    assert parts("return the lamp and the mixer") == ["return the lamp and the mixer"]
    assert parts("black and white") == ["black and white"]
    assert parts("") == [""]


@given(st.text(alphabet="ab .,?!and\n", max_size=300))
def test_clauses_are_in_order_and_do_not_overlap(text: str) -> None:
    spans = clauses(text)
    assert 1 <= len(spans) <= MOST_CLAUSES
    ends = [0, *(place for span in spans for place in span), len(text)]
    assert ends == sorted(ends)


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            ["and", "also", "or", ",", ".", "...", "-", "!", "i", "can", "as well as", "lamp", "n"]
        )
    ),
    st.sampled_from([" ", "\n", "\u00a0"]),
)
def test_a_run_is_read_from_its_beginning_with_the_same_clauses(words: list[str], gap: str) -> None:
    pattern = clauses_module._BORDER.pattern
    anywhere = (
        pattern.replace("(?<![.!?;\\n])", "").replace("(?<!\\s)", "").replace("(?:,|(?<![\\s,]))", ",?")
    )
    assert "(?<" not in anywhere
    text = gap.join(words).replace(f"{gap},", ",").replace(f"{gap}.", ".")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clauses_module, "_BORDER", re.compile(anywhere, re.VERBOSE | re.IGNORECASE))
        expected = clauses(text)
    assert clauses(text) == expected


@pytest.mark.parametrize("sign", [" ", ".", "\u00a0", "\n", "!", ", "])
def test_the_time_grows_with_the_length_alone(sign: str) -> None:
    def seconds(length: int) -> float:
        text = f"hi there{(sign * length)[:length]}x"
        times = []
        for _ in range(5):
            started = time.process_time()
            clauses(text)
            times.append(time.process_time() - started)
        return min(times)

    seconds(1_000)
    assert seconds(4_000) < 10 * seconds(1_000)


@given(st.text(st.characters()))
def test_no_text_is_refused(text: str) -> None:
    assert clauses(text)


def test_wishes_keep_the_order_of_the_message_and_their_probability() -> None:
    tops = [("get_invoice", 0.9), ("thank", 0.99), ("track_order", 0.8), ("get_invoice", 0.7)]
    assert wishes_of(tops, 0.6) == [("get_invoice", 0.9), ("track_order", 0.8)]


def test_one_wish_with_its_company_is_no_list() -> None:
    assert wishes_of([("greet", 0.99), ("track_order", 0.9)], 0.6) == []
    assert wishes_of([("track_order", 0.9), ("cancel_order", 0.5)], 0.6) == []
    assert wishes_of([], 0.6) == []


def test_the_least_sure_clause_is_in_doubt_where_a_second_wish_hangs_on_it() -> None:
    assert clause_in_doubt([("track_order", 0.8), ("get_invoice", 0.4), ("thank", 0.9)]) == 1


def test_no_clause_is_in_doubt_when_all_are_sure_or_there_is_but_one_wish() -> None:
    assert clause_in_doubt([("track_order", 0.95), ("get_invoice", 0.9)]) is None
    assert clause_in_doubt([("track_order", 0.95), ("track_order", 0.4)]) is None
    assert clause_in_doubt([("track_order", 0.95), ("greet", 0.5)]) is None
    assert clause_in_doubt([("track_order", 0.95), ("get_invoice", 0.2)]) is None
    assert clause_in_doubt([]) is None


def test_intents_are_close_within_the_margin_and_in_scope() -> None:
    assert close_intents([("a", 0.45), ("b", 0.40), ("c", 0.15)], 0.1) == [("a", 0.45), ("b", 0.40)]
    assert close_intents([("a", 0.60), ("b", 0.40)], 0.1) == []
    assert close_intents([("a", 0.45), ("out_of_scope", 0.44)], 0.1) == []
