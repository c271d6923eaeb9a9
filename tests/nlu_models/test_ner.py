"""The recogniser's recipe: it learns, what it learnt is kept, and its scores count what they say."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_models.runtime import Entities, ModelFolderError
from nlu_models.settings import CATALOGUE
from nlu_models.training.dataset import read_dataset
from nlu_models.training.ner import Marked, NerProgress, NerRecipe, Span, find_spans, fit_ner, span_scores
from nlu_models.training.ner_names import renamed
from nlu_models.training.ner_shop import marked as marked_rows
from nlu_models.training.ner_shop import train_ner


def marked(text: str, *words: tuple[str, str], asked: str = "") -> Marked:
    return Marked(
        text,
        tuple(Span(text.index(word), text.index(word) + len(word), label) for word, label in words),
        asked,
    )


ROWS = [
    marked("ask Ann Berg about it", ("Ann Berg", "person")),
    marked("Tom told me so", ("Tom", "person")),
    marked("my neighbour Olga Stone took it in", ("Olga Stone", "person")),
    marked("is there a shop near Tring", ("Tring", "place")),
    marked("we moved to Oundle", ("Oundle", "place")),
    marked("the wok is bent", ("wok", "product")),
    marked("do you sell a fish kettle", ("fish kettle", "product")),
    marked("a new bird bath for my gran", ("bird bath", "product")),
    marked("nothing came"),
    marked("why is that so slow"),
]


def test_it_learns_what_it_is_shown() -> None:
    seen: list[NerProgress] = []
    recipe = NerRecipe(
        width=32, depth=1, from_english=False, epochs=40, patience=40, batch=4, dropout=0.0, lower_case=0.0
    )
    fitted = fit_ner(ROWS, ROWS, recipe, report=seen.append)
    assert fitted.f1 == max(progress.f1 for progress in seen) > 0.9
    assert [progress.epoch for progress in seen] == list(range(1, fitted.epochs + 1))
    assert find_spans(fitted.language, ROWS[3]) == list(ROWS[3].spans)


def test_it_hears_what_was_asked() -> None:
    rows = [marked(n, (n, slot), asked=slot) for n in ("2", "3", "4", "7") for slot in ("people", "time")] * 4
    recipe = NerRecipe(
        width=32,
        depth=1,
        from_english=False,
        hears_dialogue=True,
        epochs=40,
        patience=10,
        batch=8,
        dropout=0.0,
    )
    assert fit_ner(rows, rows, recipe).f1 == 1.0


def test_it_stops_when_it_gets_no_better() -> None:
    small = {"width": 32, "depth": 1, "from_english": False, "learn_rate": 1e-9}
    assert fit_ner(ROWS, ROWS, NerRecipe(**small, epochs=20, patience=2)).epochs == 3


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "ner"
    assert train_ner(ROWS * 150, ROWS, folder).f1 > 0.9
    return folder


def test_the_kept_recogniser_is_what_the_extractor_asks(trained: Path) -> None:
    entities = Entities.load(CATALOGUE, trained)
    found = [(e.entity, e.value, e.extractor) for e in entities.extract("do you sell a fish kettle")]
    # What the catalogue knows is its own, whatever the recogniser says.
    assert found == [("product", "HV-KT-01", "catalogue")]
    found = [(e.entity, e.value, e.extractor) for e in entities.extract("the wok is bent")]
    assert found == [("product", "wok", "spacy")]


def test_a_folder_without_a_recogniser_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="no usable recogniser"):
        Entities.load(CATALOGUE, tmp_path)


def test_it_learns_the_marks_that_forms_can_not_know(folders: tuple[Path, Path]) -> None:
    rows = {row.text: row for row in marked_rows(read_dataset(*folders).intents)}
    assert rows["i do not want the kettle any more"].spans == (Span(18, 24, "product"),)
    assert [row.text for row in rows.values() if row.spans] == ["i do not want the kettle any more"]


def test_the_same_seed_trains_the_same_recogniser() -> None:
    recipe = NerRecipe(width=32, depth=1, from_english=False, epochs=2)
    first, second = (fit_ner(ROWS * 5, ROWS, recipe, vary=renamed) for _ in range(2))
    assert first.language.get_pipe("ner").to_bytes() == second.language.get_pipe("ner").to_bytes()


def test_scores_count_exact_spans() -> None:
    rows = [marked("Ann in Leeds", ("Ann", "person"), ("Leeds", "place")), marked("hello")]
    found = [[Span(0, 3, "person"), Span(4, 12, "place")], []]
    scores = span_scores(rows, found)
    assert scores["all"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "spans": 2}
    assert scores["person"]["f1"] == 1.0
    assert scores["place"]["f1"] == 0.0


@given(st.integers())
def test_other_names_stand_where_the_old_ones_stood(seed: int) -> None:
    row = marked(
        "tell Ann Berg the WOK went to leeds today",
        ("Ann Berg", "person"),
        ("WOK", "product"),
        ("leeds", "place"),
    )
    other = renamed(row, random.Random(seed))
    person, product, place = (other.text[span.start : span.end] for span in other.spans)
    assert product == "WOK"
    assert person.istitle()
    assert place.islower()
    assert other.text == f"tell {person} the WOK went to {place} today"
