"""Markup of entities is checked as the models will read it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu_models.training import markup as of_models
from web.training.folding import fold, normal_form
from web.training.made_up import hide
from web.training.markup import LONGEST, MarkupFault, marked, on_one_line, parse, plain
from web.training.shapes import Span


@pytest.mark.parametrize(
    "utterance",
    [
        "where is [RP-100234](order_id)",
        'the [kettle]{"entity": "product", "value": "HV-KT-01"} leaks',
        "[Ann](person) from [Leeds](place:leeds)",
        "plain words (in brackets)",
    ],
)
def test_it_is_read_as_the_models_read_it(utterance: str) -> None:
    text, spans = parse(utterance)
    read, annotations = of_models.parse(utterance)
    assert text == read == plain(utterance)
    assert [(span.entity, span.start, span.end) for span in spans] == [
        (found.entity, found.start, found.end) for found in annotations
    ]


@pytest.mark.parametrize(
    ("utterance", "why"),
    [
        ("", "no text"),
        ("where is [it", "belongs to no"),
        ("where is [it](Order Id)", "names no entity"),
        ("where is [it](colour)", "no entity colour; known are order_id, product"),
        ("where is [ it](product)", "begins or ends with a space"),
        ("x" * (LONGEST + 1), "are the most"),
    ],
)
def test_what_is_wrong_is_said_in_words(utterance: str, why: str) -> None:
    with pytest.raises(MarkupFault, match=why):
        parse(utterance, frozenset({"order_id", "product"}))


@settings(deadline=None)
@given(text=st.text(min_size=1, max_size=80), cuts=st.lists(st.integers(0, 80), max_size=6))
def test_marked_text_is_read_back_with_its_spans(text: str, cuts: list[int]) -> None:
    line = on_one_line(text.replace("[", "(").replace("]", ")"))
    edges = sorted({cut for cut in cuts if cut <= len(line)})
    spans = [
        Span("product", begin, end)
        for begin, end in zip(edges[::2], edges[1::2], strict=False)
        if line[begin:end] == line[begin:end].strip() != ""
    ]
    try:
        read, found = parse(marked(line, spans))
    except MarkupFault as fault:
        assert "no text" in str(fault)
    else:
        # Words before a bracket may look like markup with what follows; the text is the same in any case.
        assert read == line
        assert set(spans) <= set(found)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_one_line_is_printable_and_stays_so(text: str) -> None:
    line = on_one_line(text)
    assert on_one_line(line) == line
    assert not set(line) & set("\r\n\x85\u2028\u2029\x00\x07")


def test_made_up_values_keep_the_form_and_are_the_same_each_time() -> None:
    text = "rp-100234 for Ann at ann@mail.co.uk, card 4929 1234 5678 9012"
    values = {
        "order_id": "rp-100234",
        "person": "Ann",
        "email": "ann@mail.co.uk",
        "card_number": "4929 1234 5678 9012",
    }
    spans = [
        (Span(kind, text.index(value), text.index(value) + len(value)), kind != "order_id")
        for kind, value in values.items()
    ]
    hidden = hide(text, spans)
    assert hidden == hide(text, spans)
    assert hidden.text.startswith("[order_id] for [person] at [email]")
    learnt, found = parse(hidden.draft)
    assert [span.entity for span in found] == ["order_id", "person", "email", "card_number"]
    order = learnt[found[0].start : found[0].end]
    assert order.startswith("rp-") and len(order) == 9 and order != "rp-100234"
    assert learnt.endswith("4111 1111 1111 1111")


def test_a_long_message_is_cut_before_the_entity_that_does_not_fit() -> None:
    text = "a" * (LONGEST - 3) + " kettle"
    hidden = hide(text, [(Span("product", LONGEST - 2, LONGEST + 4), False)])
    assert parse(hidden.draft) == ("a" * (LONGEST - 3), ())


def test_the_normal_form_forgets_capitals_marks_and_spaces_alone() -> None:
    assert normal_form("  Where’s MY   order?!! ") == normal_form("where's my order")
    assert normal_form("is [person] in") != normal_form("is he in")
    assert normal_form("£40") != normal_form("€40")
    assert normal_form("???") == "???"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("please cancel my order", "please don't cancel my order", False),
        ("the website won't let me cancel my order", "the website won't let me change my order", False),
        ("how long until i get my refund", "how long until i get my return", False),
        ("i ordered it on the 12th of november", "i ordered it on the 13th of november", False),
        ("???", "!!!", False),
        ("regestration problem", "registration problem", True),
        ("change order", "order change", True),
        ("where's my parcel got to", "wheres my parcel got to!", True),
        ("i don't want it cancelled", "i want it cancelled", False),
        ("where is my order please", "Where is my order", True),
    ],
)
def test_messages_are_folded_when_they_differ_in_slips_alone(one: str, other: str, same: bool) -> None:
    groups = fold([normal_form(one), normal_form(other)], ["x", "x"])
    assert groups == ([[0, 1]] if same else [[0], [1]])


@settings(deadline=None)
@given(st.lists(st.text("abc dt'n", max_size=12), max_size=15))
def test_each_message_is_in_one_group_and_equal_ones_are_in_the_same(texts: list[str]) -> None:
    forms = [normal_form(text) for text in texts]
    groups = fold(forms, ["x"] * len(forms))
    assert sorted(place for group in groups for place in group) == list(range(len(forms)))
    of_form: dict[str, int] = {}
    for number, group in enumerate(groups):
        for place in group:
            if forms[place]:
                assert of_form.setdefault(forms[place], number) == number
