"""The record of processing in the documents is what is declared."""

from pathlib import Path

from profiles.rights.register import register
from profiles.rights.stores import declared

DOCUMENT = Path(__file__).parents[3] / "docs" / "privacy.md"


def test_the_documented_table_is_the_declared_one() -> None:
    assert register(declared()) in DOCUMENT.read_text()
