"""An old and a new wording: which words differ, and that nothing of either is lost."""

from hypothesis import given
from hypothesis import strategies as st

from web.console.kit.wordings import parts

_texts = st.lists(st.sampled_from(["the", "kettle", "toaster", "is", "late", "{{ day }}", "\n"])).map(
    " ".join
)


@given(_texts, _texts)
def test_the_pieces_of_a_side_are_its_text(old: str, new: str) -> None:
    assert "".join(text for text, _ in parts(old, new, "old")) == old
    assert "".join(text for text, _ in parts(old, new, "new")) == new


@given(_texts)
def test_nothing_is_marked_where_nothing_differs(text: str) -> None:
    assert not any(differs for _, differs in parts(text, text, "old"))


def test_the_words_that_differ_are_marked_on_their_own_side() -> None:
    old, new = "Your kettle is late.", "Your toaster is late."
    assert parts(old, new, "old") == [("Your ", False), ("kettle", True), (" is late.", False)]
    assert parts(old, new, "new") == [("Your ", False), ("toaster", True), (" is late.", False)]


def test_texts_that_have_little_in_common_are_not_marked_to_pieces() -> None:
    assert parts("Sorry about that.", "What a lovely day it is", "new") == [
        ("What a lovely day it is", False)
    ]
