"""Models are kept by content: the same input is never trained twice, any other input is."""

from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.models import content_hash

PATTERNS = ("config.yml", "data/**/*.yml")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "config.yml").write_text("policies: []\n")
    (tmp_path / "data" / "nlu" / "greet.yml").write_text("- hello\n")
    return tmp_path


def test_the_hash_is_that_of_the_content_alone(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    for name in ("data/nlu/greet.yml", "config.yml"):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_bytes((checkout / name).read_bytes())
    assert content_hash(checkout, PATTERNS) == content_hash(other, PATTERNS)


def test_files_that_are_no_input_do_not_count(checkout: Path) -> None:
    before = content_hash(checkout, PATTERNS)
    (checkout / "README.md").write_text("words")
    assert content_hash(checkout, PATTERNS) == before


@pytest.mark.parametrize("change", ["content", "name", "new file"])
def test_any_change_of_the_input_counts(checkout: Path, change: str) -> None:
    before = content_hash(checkout, PATTERNS)
    file = checkout / "data" / "nlu" / "greet.yml"
    if change == "content":
        file.write_text("- hallo\n")
    elif change == "name":
        file.rename(file.with_name("greeting.yml"))
    else:
        file.with_name("bye.yml").write_text("")
    assert content_hash(checkout, PATTERNS) != before


def test_missing_input_is_an_error(checkout: Path) -> None:
    (checkout / "config.yml").unlink()
    with pytest.raises(OpsError, match=r"Nothing matches config\.yml"):
        content_hash(checkout, PATTERNS)
