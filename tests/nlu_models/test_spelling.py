"""Slips in unknown words are mended; whatever is known, or no word at all, stays as it was written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_models.runtime import ModelFolderError
from nlu_models.runtime.model_folder import WORDS_FILE
from nlu_models.runtime.people import COMMON_WORDS, GIVEN_NAMES
from nlu_models.runtime.places import NAMES
from nlu_models.runtime.spelling import Spelling, count_words, write_words

TRAINING_TEXTS = [
    "where is my order",
    "cancel my order please",
    "when does the delivery come",
    "the delivery address is wrong",
    "where's the parcel, please",
    "I want a refund for the kettle",
    "ORDER the warranty leaflet",
]
# As a tokeniser has them: the most frequent first, with the rests of words.
PIECES = {
    "the": 100,
    "##ing": 101,
    "where": 102,
    "friday": 500,
    "stock": 600,
    "kestrel": 24_999,
    "oder": 27_215,
}
SPELLING = Spelling(count_words(TRAINING_TEXTS), PIECES)
KNOWN = sorted({*count_words(TRAINING_TEXTS), "friday", "stock", "kestrel", *COMMON_WORDS, *GIVEN_NAMES})
PLACES = sorted(name for name in NAMES if name.isalpha())

# Texts in which something happens: words of the vocabulary, slips in them, marks and other signs.
texts = st.lists(
    st.sampled_from(
        [*KNOWN, "ordr", "Cancle", "DELIVREY", "wher’s", "RP-100234", "a@b.co", "...", "\n", "👍"]
    )
    | st.text(max_size=12),
    max_size=12,
).map(" ".join)


def corrected(text: str) -> str:
    return SPELLING.corrected(text, most_words=128)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("cancle my ordr", "cancel my order"),
        ("Plese, wher is the parcle?", "please, where is the parcel?"),
        ("the delivvery adress...", "the delivery address..."),
        ("wehre’s the waranty", "where's the warranty"),
        ("i wnt a rfeund", "i want a refund"),
        ("ORDRE THE WARRNATY LEFALET", "order THE warranty leaflet"),
        ("is it there on firday", "is it there on friday"),
    ],
)
def test_a_slip_in_a_word_is_mended(written: str, meant: str) -> None:
    assert corrected(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("wheeere is my orderrr", "where is my order"),
        ("pleeeeease caaancellll", "please cancel"),
        ("i waaaant a refunddd nowwwadays", "i want a refund nowwwadays"),
        ("ADDDRESSSS", "address"),  # two letters of one kind are the word's own
        ("frrridaaay", "friday"),
        ("canceelllll my ooorderr", "cancel my order"),  # and a slip besides
        ("aaaargh hmmmm zzz", "aaaargh hmmmm zzz"),
    ],
)
def test_a_stretched_word_is_drawn_together(written: str, meant: str) -> None:
    assert corrected(written) == meant


def test_of_two_words_that_may_have_been_stretched_the_more_frequent_is_meant() -> None:
    assert Spelling({"to": 90, "too": 9}, {}).corrected("tooooo", 9) == "to"
    assert Spelling({"lose": 2, "loose": 9}, {}).corrected("loooose", 9) == "loose"


@pytest.mark.parametrize(
    "text",
    [
        "order RP-100234 or 0rder or delvery2",
        "write to cancle@ordr.com",
        "see https://ordr.com/cancle and www.ordr.co.uk",
        "#ordr @cancle a/delivrey ordr_cancle",
        "ask Refunt about it",  # a name, by its capital
        "a kestrel",  # a word that the encoder knows, however rare
        "ordinary oddity",  # too far from everything
        "te ox or",  # too short to tell
    ],
)
def test_what_is_no_misspelt_word_stays(text: str) -> None:
    assert corrected(text) == text


def test_of_words_as_near_the_one_of_the_same_letters_is_meant_then_the_more_frequent() -> None:
    spelling = Spelling({"master": 3, "matter": 40, "mister": 5}, {})
    assert spelling.corrected("matser", 9) == "master"
    assert spelling.corrected("mapter", 9) == "matter"


def test_the_first_letter_is_rarely_wrong_but_may_come_late() -> None:
    assert corrected("xrder") == "xrder"
    assert corrected("rodre") == "rodre"
    assert corrected("roder rdelivery") == "order delivery"


def test_a_long_word_may_have_two_slips_and_a_short_one_but_one() -> None:
    assert corrected("dleivrey") == "delivery"
    assert corrected("rdoer odrre") == "rdoer odrre"


def test_two_letters_too_few_are_another_word() -> None:
    assert Spelling({"incredible": 9}, {}).corrected("inedible", 9) == "inedible"


def test_a_known_word_with_an_ending_is_a_word() -> None:
    words = Spelling({"remove": 9, "removed": 9, "scam": 9, "scammer": 9, "parcel": 9}, {})
    assert words.corrected("remover scammed parcels", 9) == "remover scammed parcels"


def test_rare_words_of_the_tokeniser_are_never_meant() -> None:
    assert corrected("kestrle") == "kestrle"


def test_a_slip_that_the_training_texts_hold_too_is_mended_all_the_same() -> None:
    spelling = Spelling(
        {"order": 100, "oder": 2, "late": 60, "lae": 2, "stock": 90, "sock": 1}, {"sock": 9_000}
    )
    assert spelling.corrected("my oder is late", 9) == "my order is late"
    assert spelling.corrected("lae", 9) == "lae", "not a slip: it is not so much rarer"
    assert spelling.corrected("one sock", 9) == "one sock", "a usual word"


def test_names_that_are_to_be_kept_stay() -> None:
    spelling = Spelling({"decline": 9, "order": 9}, {})
    assert spelling.corrected("a dryline ordr", 9) == "a decline order"
    spelling.keep(["Breezlin Dryline 12 l"])
    assert spelling.corrected("a dryline ordr", 9) == "a dryline order"


def test_only_as_many_words_are_looked_at_as_the_encoder_reads() -> None:
    assert SPELLING.corrected("cancle ordr plese", most_words=2) == "cancel order plese"


@given(st.lists(st.sampled_from([*KNOWN, *PLACES]), max_size=20).map(" ".join))
def test_a_known_word_is_never_changed(text: str) -> None:
    assert corrected(text) == text
    assert corrected(text.upper()) == text.upper()


@given(texts)
def test_what_was_mended_needs_no_mending(text: str) -> None:
    assert corrected(corrected(text)) == corrected(text)


@given(texts)
def test_words_stay_apart_and_about_as_long(text: str) -> None:
    before, after = text.split(" "), corrected(text).split(" ")
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        # Two letters for a word, and marks part words; a stretched one is only ever shorter.
        assert len(new) - len(old) <= 2 * len(old)
        assert old == new or any(letter.isalpha() for letter in old)


def test_words_are_counted_in_small_letters() -> None:
    assert count_words(["Where’s my order", "ORDER 12 where's it"]) == {
        "order": 2,
        "where's": 2,
        "it": 1,
        "my": 1,
    }


def test_a_model_folder_keeps_its_words(tmp_path: Path) -> None:
    write_words({"naïveté": 2, "delivery": 7}, tmp_path)
    assert Spelling.load(tmp_path, {}).corrected("delivrey naïvetté", 9) == "delivery naïveté"


@pytest.mark.parametrize("content", ["[]", "{", '{"order": "often"}', '{"order": 0}'])
def test_a_file_that_counts_no_words_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / WORDS_FILE).write_text(content)
    with pytest.raises(ModelFolderError, match=WORDS_FILE):
        Spelling.load(tmp_path, {})
