"""Passages of the help pages: how they are cut, found and shortened, and how well (`retrieval/questions.yml`)."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.retrieval.extract import MOST_SENTENCES, MOST_WORDS, extract
from actions.retrieval.finder import ANSWERS, MAY_HELP, Finder
from actions.retrieval.passages import LONGEST, Passage, passages_of
from actions.retrieval.vectors import load_or_make
from actions.retrieval.words import Words
from actions.settings import DATA
from common.help_pages import HelpPage, read_help_pages
from nlu_models.runtime import ModelFolderError, Sentences

PAGES = read_help_pages(DATA)
PASSAGES = passages_of(PAGES.values())
QUESTIONS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "retrieval" / "questions.yml").read_text("utf-8")
)
REPORT = QUESTIONS["report"]


def page(text: str) -> HelpPage:
    return HelpPage("kettles", "About kettles", date(2026, 11, 22), text)


class TestCutting:
    def test_each_heading_makes_a_passage_and_the_beginning_stands_under_the_title(self) -> None:
        found = passages_of(
            [page("Kettles boil.\n\n## The lid\n\nIt *must* be shut.\n\n- Press it.\n- Wait.")]
        )
        assert [(p.place, p.sentences) for p in found] == [
            ("kettles", ("Kettles boil.",)),
            ("kettles#the-lid", ("It must be shut.", "Press it.", "Wait.")),
        ]
        assert found[1].address == "/help/kettles#the-lid"

    def test_a_long_part_is_cut_between_two_paragraphs(self) -> None:
        paragraph = " ".join(["word"] * 90) + "."
        found = passages_of([page(f"## Long\n\n{paragraph}\n\n{paragraph}\n\n{paragraph}")])
        assert len(found) == 3
        assert {p.place for p in found} == {"kettles#long"}

    def test_no_passage_of_the_shop_is_too_long_to_be_read_whole_by_the_model(self) -> None:
        assert max(len(" ".join(p.sentences).split()) for p in PASSAGES) <= LONGEST

    @pytest.mark.parametrize("slug", PAGES)
    def test_a_page_is_neither_a_stub_nor_a_book_and_its_places_differ(self, slug: str) -> None:
        assert 150 <= len(PAGES[slug].text.split()) <= 500
        places = [p.place for p in PASSAGES if p.page.slug == slug]
        assert len(set(places)) == len(places) >= 4

    def test_what_the_questions_and_the_wishes_name_are_passages(self) -> None:
        places = {passage.place for passage in PASSAGES}
        wishes = yaml.safe_load((DATA / "knowledge" / "wishes.yml").read_text("utf-8"))
        named = [place for told in wishes["more_exact"].values() for place in told]
        named += [
            place for half in QUESTIONS.values() for row in half["answered"] for place in row["passages"]
        ]
        assert set(named) <= places


class TestFinding:
    """On questions that no setting was chosen by. The floors leave room for a few questions either way."""

    def test_the_right_passage_is_first_or_among_the_first_three(self, pages: Finder) -> None:
        found = [(row["passages"], pages.find(row["ask"], 3)) for row in REPORT["answered"]]
        first = np.mean([hits[0].passage.place in right for right, hits in found])
        among_three = np.mean([any(hit.passage.place in right for hit in hits) for right, hits in found])
        assert first >= 0.66  # 72 % when it was written
        assert among_three >= 0.85  # 92 %

    def test_few_questions_are_answered_wrongly_and_messages_without_an_answer_hardly_ever(
        self, pages: Finder
    ) -> None:
        asked = [(row["passages"], pages.find(row["ask"])[0]) for row in REPORT["answered"]]
        answered = [hit.passage.place in right for right, hit in asked if hit.score >= ANSWERS]
        assert sum(answered) >= 20  # 25 of 60
        assert answered.count(False) <= 5  # 3
        strangers = [pages.find(text)[0].score for text in REPORT["unanswered"]]
        assert sum(score >= ANSWERS for score in strangers) <= 1  # none of 30
        assert sum(score >= MAY_HELP for score in strangers) <= 4  # 2

    def test_meaning_and_words_together_find_more_than_either(self, pages: Finder) -> None:
        both = first_ones(pages, QUESTIONS["settings"]["answered"])
        assert len(both) > len(first_ones(pages, QUESTIONS["settings"]["answered"], by="meaning"))
        assert len(both) > len(first_ones(pages, QUESTIONS["settings"]["answered"], by="words"))

    @settings(
        deadline=None
    )  # the time of a search is measured elsewhere, on a machine that does nothing else
    @given(st.text(max_size=300))
    def test_any_text_has_a_nearest_passage_and_scores_from_0_to_1(self, pages: Finder, text: str) -> None:
        [found] = pages.find(text)
        assert -1 <= found.score <= 1
        assert 0 <= found.words <= 1.001
        assert found.extract


def first_ones(pages: Finder, rows: list[dict[str, Any]], by: str | None = None) -> list[str]:
    """The questions whose right passage comes first, by both signs or by one alone."""
    found = []
    for row in rows:
        hits = pages.find(row["ask"], len(pages.passages))
        best = max(hits, key=lambda hit: getattr(hit, by)) if by else hits[0]
        if best.passage.place in row["passages"]:
            found.append(row["ask"])
    return found


class TestWords:
    words = Words(["Descale the kettle with vinegar", "Pair the headphones", "The kettle and the headphones"])

    def test_the_text_with_the_rarer_words_is_nearest(self) -> None:
        assert self.words.shares("vinegar in a kettle").argmax() == 0

    @pytest.mark.parametrize("text", ["", "the and of", "zzzz qqqq", "你好"])
    def test_without_a_known_word_nothing_is_near(self, text: str) -> None:
        assert not self.words.shares(text).any()

    def test_a_misspelt_word_is_the_known_one(self) -> None:
        assert self.words.shares("hedphones")[1] > 0

    def test_unknown_words_lower_the_share(self) -> None:
        assert self.words.shares("descale a spaceship")[0] < self.words.shares("descale")[0]


class TestExtract:
    @given(st.lists(st.tuples(st.integers(1, 40), st.floats(-1, 1)), min_size=1, max_size=12))
    def test_a_few_neighbours_with_the_nearest_among_them(self, drawn: list[tuple[int, float]]) -> None:
        sentences = [f"{place} " + "word " * length for place, (length, _) in enumerate(drawn)]
        likeness = np.array([value for _, value in drawn])
        said = extract(sentences, likeness)
        begin = sentences.index(said[0])
        assert list(said) == sentences[begin : begin + len(said)]
        assert sentences[int(likeness.argmax())] in said
        assert len(said) <= MOST_SENTENCES
        assert len(said) == 1 or sum(len(s.split()) for s in said) <= MOST_WORDS


class TestVectors:
    def test_they_are_made_once_and_anew_when_the_text_changes(self, pages: Finder, tmp_path: Path) -> None:
        model = Counting(pages)
        passages = PASSAGES[:3]
        first = load_or_make(passages, model, tmp_path)
        made = model.asked
        again = load_or_make(passages, model, tmp_path)
        assert model.asked == made
        assert np.array_equal(first.wholes, again.wholes)
        changed = [Passage(passages[0].page, passages[0].heading, ("Something else.",)), *passages[1:]]
        load_or_make(changed, model, tmp_path)
        assert model.asked > made

    def test_a_model_that_is_not_there_is_refused_with_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(ModelFolderError, match="export-sentences"):
            Sentences.load(tmp_path)


class Counting(Sentences):
    """The real model; counts the texts that it was asked for."""

    def __init__(self, pages: Finder) -> None:
        model = pages._model
        super().__init__(model.model_id, model._tokenizer, model._session)
        self.asked = 0

    def vectors(self, texts: list[str]) -> Any:
        self.asked += len(texts)
        return super().vectors(texts)
