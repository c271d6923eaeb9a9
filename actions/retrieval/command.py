"""`python -m actions pages`: are the help pages usable, and which of them answers a question?"""

import sys
from pathlib import Path

from actions.retrieval.finder import ANSWERS, MAY_HELP, Finder, Found
from actions.retrieval.passages import passages_of
from common.help_pages import PageFault, read_help_pages
from common.settings import EnvironmentSettings, load
from nlu_models.runtime import ModelFolderError


class SearchSettings(EnvironmentSettings):
    """What a search needs: the folder that `python -m nlu_models export-sentences` prints."""

    sentence_model: Path


def run(data: Path, question: str | None) -> int:
    """Check the pages and count them; with a question also say what would be answered. The exit code."""
    try:
        pages = read_help_pages(data)
        print(f"All well: {len(pages)} pages, {len(passages_of(pages.values()))} passages.")
        if question is not None:
            for found in Finder.load(data, load(SearchSettings).sentence_model).find(question, 3):
                print(_told(found))
    except (PageFault, ModelFolderError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _told(found: Found) -> str:
    use = (
        "answers" if found.score >= ANSWERS else "is pointed to" if found.score >= MAY_HELP else "is not used"
    )
    scores = f"{found.score:.2f} (meaning {found.meaning:.2f}, words {found.words:.2f})"
    return f"{scores} {use}: {found.passage.place}\n    {' '.join(found.extract)}"
