"""Keys that nobody declared are proposed, and become attributes by an edit of the file."""

import shutil
from pathlib import Path

import pytest

from profiles.store import Store
from profiles.traits import editing
from profiles.traits.declared import (
    ATTRIBUTES_FILE,
    SOURCES_FILE,
    Attribute,
    BadDeclaration,
    Deprecated,
    read,
)
from profiles.traits.proposals import Proposal, proposals, reject
from tests.profiles.traits.test_write import customers, said, write


async def proposed(store: Store) -> list[Proposal]:
    async with store.engine.connect() as connection:
        return await proposals(connection, known=set())


async def test_a_proposal_says_how_often_of_which_type_and_what_it_looks_like(store: Store) -> None:
    await customers(store, "C000001")
    await write(
        store,
        said("m1", "shoeSize", 42, "web"),
        said("m2", "shoeSize", "43", "web"),
        said("m3", "first_name", "Maria", "web"),
        said("m4", "nickname", "Mo", "web"),
        said("m5", "shoeSize", 41, "pos", days=1),
    )
    size, nickname = await proposed(store)
    assert (size.key, size.name, size.type, nickname.key) == ("shoeSize", "shoe_size", "number", "nickname")
    assert (dict(size.seen), size.share) == ({"web": 2, "pos": 1}, 1.0)
    assert nickname.share == 0.25
    assert size.examples == ["99"] and size.types["number"] == pytest.approx(2 / 3)


async def test_what_was_rejected_is_proposed_no_more(store: Store) -> None:
    await customers(store, "C000001")
    await write(store, said("m1", "shoeSize", 42))
    async with store.engine.begin() as connection:
        await reject(connection, "shoeSize", "we sell no shoes")
    assert await proposed(store) == []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(shutil.copy(ATTRIBUTES_FILE, tmp_path / "attributes.yml"))


def test_an_accepted_key_is_added_to_the_file_whose_comments_stay(file: Path) -> None:
    before = file.read_text()
    size = Attribute(
        name="shoe_size",
        title="Shoe size",
        type="number",
        held="dynamic",
        purposes=frozenset({"personalisation"}),
        sources=("web", "import:*"),
        also=("shoeSize",),
        retention_days=90,
        since=2,
    )
    editing.add(size, 2, file)
    declared = read(file, SOURCES_FILE)
    assert (declared.version, declared.by_name["shoe_size"]) == (2, size)
    assert file.read_text().startswith(before.replace("version: 1", "version: 2", 1).rstrip())


def test_a_deprecation_is_written_to_its_entry(file: Path) -> None:
    gone = Deprecated(since=2, why="nobody answers: it's personal", instead="interests")
    editing.deprecate("home_type", gone, 2, file)
    assert read(file, SOURCES_FILE).by_name["home_type"].deprecated == gone


def test_an_edit_that_can_not_be_used_leaves_the_file_as_it_was(file: Path) -> None:
    before = file.read_text()
    with pytest.raises(BadDeclaration):
        editing.deprecate("home_type", Deprecated(since=2, why="x", instead="hovel"), 2, file)
    with pytest.raises(BadDeclaration, match="has no attribute 'shoe_size'"):
        editing.deprecate("shoe_size", Deprecated(since=2, why="x"), 2, file)
    assert file.read_text() == before
