"""Two wishes in a message: its clauses, and which of their intents count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_models.runtime.clauses import MOST_CLAUSES, clauses
from nlu_models.runtime.wishes import clause_in_doubt, close_intents, wishes_of
from tests.slowdown import slowdown


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


@pytest.mark.parametrize("gap", [" ", "   ", " \u00a0 ", "\t"])
@pytest.mark.parametrize(
    "border",
    ["{gap}and{gap}", ",{gap}and{gap}", "{gap},{gap}and{gap}", "{gap}-{gap}", "...{gap}", ",{gap}also{gap}"],
)
def test_a_border_is_one_however_wide_its_gaps(border: str, gap: str) -> None:
    text = f"track my parcel{border.format(gap=gap)}I want a refund"
    [first, second] = clauses(text)
    assert text[slice(*first)].strip(" ,\t\u00a0.") == "track my parcel"
    assert text[slice(*second)].strip() == "I want a refund"


@pytest.mark.parametrize("sign", [" ", ".", "\u00a0", "\n", "!", ", "])
def test_the_time_grows_with_the_length_alone(sign: str) -> None:
    assert slowdown(lambda length: clauses(f"hi there{(sign * length)[:length]}x")) < 10


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
