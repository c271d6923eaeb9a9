"""What the nearest training messages add to the scores of intents."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_models.runtime import Encoder, ModelFolderError
from nlu_models.runtime.model_folder import NEIGHBOURS_FILE
from nlu_models.runtime.neighbours import (
    LIKELIEST,
    WEIGHT,
    Neighbours,
    neighbours_of,
    read_neighbours,
    write_neighbours,
)
from tests.nlu_models.conftest import NLU

INTENTS = ("track", "cancel", "refund")
TEXTS = {
    "track": ["where is my parcel", "has it been sent"],
    "refund": ["money back please", "I want my money"],
}
VECTORS = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [0.0, 2.0]])
EVEN = np.zeros(3)


@pytest.fixture
def neighbours() -> Neighbours:
    return neighbours_of(TEXTS, VECTORS, INTENTS)


def test_the_nearest_by_its_vector_speaks_for_its_intent(neighbours: Neighbours) -> None:
    track, cancel, refund = neighbours.votes(EVEN, np.array([3.0, 0.1]), "?")
    assert track > 0.9 * WEIGHT
    assert cancel == 0
    assert refund < 0.1 * WEIGHT


def test_of_those_as_near_the_one_in_like_words_speaks_louder(neighbours: Neighbours) -> None:
    between = np.array([1.0, 1.0]) + np.array([0.0, 0.4])
    found = [neighbours.votes(EVEN, between, text) for text in ("my money I want", "sent, has it been?")]
    assert found[0][2] > 0.9 * WEIGHT
    assert found[1][0] > found[0][0]


def test_case_and_order_of_words_do_not_matter(neighbours: Neighbours) -> None:
    vector = np.array([0.7, 0.7])
    np.testing.assert_array_equal(
        neighbours.votes(EVEN, vector, "is my PARCEL where"),
        neighbours.votes(EVEN, vector, "where is my parcel"),
    )


def test_without_any_nothing_is_added() -> None:
    nobody = neighbours_of({}, np.zeros((0, 2)), INTENTS)
    np.testing.assert_array_equal(nobody.votes(EVEN, np.ones(2), "hello"), EVEN)


@given(
    st.lists(st.floats(-9, 9), min_size=8, max_size=8, unique=True),
    st.lists(st.floats(-1, 1), min_size=3, max_size=3),
    st.text(max_size=30),
    st.lists(st.integers(0, 9), min_size=8, max_size=8),
)
def test_only_the_likeliest_intents_gain_and_all_together_as_much_as_the_weight(
    logits: list[float], vector: list[float], text: str, counts: list[int]
) -> None:
    intents = tuple("abcdefgh")
    chance = np.random.default_rng(sum(counts))
    texts = {name: [f"{name} {place}" for place in range(n)] for name, n in zip(intents, counts, strict=True)}
    neighbours = neighbours_of(texts, chance.normal(size=(sum(counts), 3)), intents)
    added = neighbours.votes(np.array(logits), np.array(vector), text)
    likeliest = np.argsort(-np.array(logits))[:LIKELIEST]
    assert (added >= 0).all()
    assert set(np.flatnonzero(added)) <= set(likeliest)
    someone = any(counts[place] for place in likeliest)
    assert added.sum() == pytest.approx(WEIGHT if someone else 0.0)


def test_written_ones_read_back(neighbours: Neighbours, tmp_path: Path) -> None:
    write_neighbours(TEXTS, VECTORS, tmp_path)
    read = read_neighbours(tmp_path, INTENTS, width=2)
    vector = np.array([0.3, 0.9])
    np.testing.assert_allclose(
        read.votes(EVEN, vector, "money"), neighbours.votes(EVEN, vector, "money"), atol=1e-2
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("[]", "list of texts for each intent"),
        ('{"track": "where"}', "list of texts for each intent"),
        ('{"sing": ["la"]}', "list of texts for each intent"),
        ('{"track": ["where"]}', "does not fit"),
        ("{", "unreadable"),
    ],
)
def test_what_does_not_fit_the_model_is_refused(tmp_path: Path, content: str, why: str) -> None:
    write_neighbours(TEXTS, VECTORS, tmp_path)
    (tmp_path / NEIGHBOURS_FILE).write_text(content)
    with pytest.raises(ModelFolderError, match=why):
        read_neighbours(tmp_path, INTENTS, width=2)


def test_a_trained_folder_has_what_was_learnt_and_nothing_that_judges_it(tiny_model: Path) -> None:
    texts = json.loads((tiny_model / NEIGHBOURS_FILE).read_text(encoding="utf-8"))
    encoder = Encoder.load(tiny_model)
    rows = encoder.folder.card["rows"]["intents"]
    assert sum(map(len, texts.values())) == rows["train"] == len(encoder.neighbours.vectors)
    assert all(encoder.as_read(text) == text for some in texts.values() for text in some)
    assert rows["validation"] + rows["test"] > 0
    assert sum(line.strip().startswith("- ") for line in NLU.splitlines()) > rows["train"]
