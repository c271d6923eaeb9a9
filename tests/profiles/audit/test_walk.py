"""Whatever is done to a chain, it shows: every edit, loss and exchange, wherever it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from profiles.audit.chain import GENESIS, Entry, entry_hash
from profiles.audit.checkpoints import keys_of
from profiles.audit.verify import Report, Walk

Link = tuple[int, Entry, bytes, bytes]

KEYS = keys_of([bytes(32)])
BEGAN = datetime(2026, 11, 22, tzinfo=UTC)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
ENTRIES = st.builds(
    Entry,
    who=WORDS,
    what=WORDS,
    customer=st.none() | WORDS,
    why=WORDS,
    at=st.integers(0, 10**9).map(lambda number: BEGAN + timedelta(microseconds=number)),
)
CHAINS = st.lists(ENTRIES, min_size=1, max_size=8)


def chained(entries: list[Entry]) -> list[Link]:
    links: list[Link] = []
    previous = GENESIS
    for number, entry in enumerate(entries, start=1):
        digest = entry_hash(number, entry, previous)
        links.append((number, entry, previous, digest))
        previous = digest
    return links


def walked(links: list[Link], head: tuple[int, bytes]) -> Report:
    walk = Walk(KEYS, [], None)
    for link in links:
        walk.look_at(*link)
    return walk.finish(head)


def head_of(links: list[Link]) -> tuple[int, bytes]:
    return links[-1][0], links[-1][3]


@given(CHAINS)
def test_an_untouched_chain_has_no_faults(entries: list[Entry]) -> None:
    links = chained(entries)
    assert walked(links, head_of(links)).faults == []


@given(CHAINS, st.data())
def test_an_edit_is_found_where_it_is(entries: list[Entry], data: st.DataObject) -> None:
    links = chained(entries)
    head = head_of(links)
    place = data.draw(st.integers(0, len(links) - 1))
    number, entry, previous, digest = links[place]
    edited = data.draw(ENTRIES.filter(lambda other: other != entry))
    links[place] = (number, edited, previous, digest)
    assert [(fault.first, fault.what) for fault in walked(links, head).faults] == [(number, "edited")]


@given(CHAINS, st.data())
def test_a_loss_is_found_with_all_its_numbers(entries: list[Entry], data: st.DataObject) -> None:
    links = chained(entries)
    head = head_of(links)
    first = data.draw(st.integers(0, len(links) - 1))
    last = data.draw(st.integers(first, len(links) - 1))
    left = links[:first] + links[last + 1 :]
    faults = walked(left, head).faults
    assert [(fault.first, fault.last) for fault in faults] == [(first + 1, last + 1)]
    assert faults[0].what.startswith("missing")


@given(CHAINS, st.data())
def test_an_entry_put_in_and_the_rest_left_is_found(entries: list[Entry], data: st.DataObject) -> None:
    links = chained(entries)
    head = head_of(links)
    place = data.draw(st.integers(0, len(links) - 1))
    number, entry, previous, _ = links[place]
    other = replace(entry, why=entry.why + "!")
    links[place] = (number, other, previous, entry_hash(number, other, previous))
    faults = walked(links, head).faults
    assert faults
    assert faults[0].first == number
