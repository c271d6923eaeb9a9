"""Sealed values carry their key: older ones open after a rotation, altered ones never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.crypto import NONCE_BYTES, Unreadable, Vault
from profiles.security.keyring import KeyRing

from .conftest import KeysInMemory

DATA_KEY = b"k" * 32
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def vault() -> Vault:
    return Vault(DATA_KEY, KeyRing(KeysInMemory()))


@given(st.lists(TEXTS, min_size=1, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_every_value_opens_whatever_was_rotated_between(values: list[str], rotate: list[bool]) -> None:
    ring = KeyRing(KeysInMemory())
    keeper = Vault(DATA_KEY, ring)
    index = keeper.blind_index("email", "m@example.org")
    sealed = [Vault(DATA_KEY).seal("C1", "email", "from before there were keys")]
    for value, rotated in zip(values, rotate, strict=False):
        if rotated:
            ring.add()
        sealed.append(keeper.seal("C1", "email", value))
    opened = [keeper.open("C1", "email", one) for one in sealed]
    assert opened == ["from before there were keys", *values]
    assert keeper.blind_index("email", "m@example.org") == index


@given(TEXTS, st.data())
def test_no_altered_byte_goes_unseen(value: str, data: st.DataObject) -> None:
    keeper = vault()
    sealed = bytearray(keeper.seal("C1", "email", value))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unreadable):
        keeper.open("C1", "email", bytes(sealed))


@given(TEXTS, st.integers(0, 5 + NONCE_BYTES + 16))
def test_no_part_of_a_value_opens(value: str, length: int) -> None:
    keeper = vault()
    sealed = keeper.seal("C1", "email", value)
    if length < len(sealed):
        with pytest.raises(Unreadable):
            keeper.open("C1", "email", sealed[:length])


def test_a_value_of_one_key_is_not_taken_for_one_of_another() -> None:
    ring = KeyRing(KeysInMemory())
    keeper = Vault(DATA_KEY, ring)
    sealed = keeper.seal("C1", "email", "m@example.org")
    second = ring.add()
    with pytest.raises(Unreadable):
        keeper.open("C1", "email", sealed[:1] + second.key_id.to_bytes(4) + sealed[5:])


def test_a_value_of_an_unknown_key_does_not_open() -> None:
    sealed = vault().seal("C1", "email", "m@example.org")
    with pytest.raises(Unreadable, match="not known"):
        Vault(DATA_KEY).open("C1", "email", sealed)
