"""Sensitive fields: sealed for one customer and field, found only through the keyed index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.crypto import NONCE_BYTES, Unreadable, Vault, normalise

VAULT = Vault(b"k" * 32)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_again_and_never_looks_the_same(value: str) -> None:
    first, second = (VAULT.seal("C1", "email", value) for _ in range(2))
    assert first != second
    assert VAULT.open("C1", "email", first) == VAULT.open("C1", "email", second) == value


@pytest.mark.parametrize(("customer_id", "field"), [("C2", "email"), ("C1", "phone"), ("C1\x00email", "")])
def test_a_value_moved_to_another_customer_or_field_does_not_open(customer_id: str, field: str) -> None:
    with pytest.raises(Unreadable):
        VAULT.open(customer_id, field, VAULT.seal("C1", "email", "m@example.org"))


@given(st.integers(0, NONCE_BYTES + 20), st.integers(1, 255))
def test_an_altered_value_does_not_open(place: int, change: int) -> None:
    sealed = bytearray(VAULT.seal("C1", "email", "m@example.org"))
    sealed[place] ^= change
    with pytest.raises(Unreadable):
        VAULT.open("C1", "email", bytes(sealed))


def test_another_key_opens_nothing_and_finds_nothing() -> None:
    other = Vault(b"o" * 32)
    with pytest.raises(Unreadable):
        other.open("C1", "email", VAULT.seal("C1", "email", "m@example.org"))
    assert other.blind_index("email", "m@example.org") != VAULT.blind_index("email", "m@example.org")
    assert other.pseudonym("C1") != VAULT.pseudonym("C1")


@pytest.mark.parametrize(
    "spelling",
    ["07700 900123", "+44 7700 900123", "0044 7700 900 123", "+44 (0)7700 900123", "(07700) 900-123"],
)
def test_one_number_has_one_index_however_it_is_written(spelling: str) -> None:
    assert normalise("phone", spelling) == "447700900123"
    assert VAULT.blind_index("phone", spelling) == VAULT.blind_index("phone", "07700900123")


def test_an_index_tells_fields_apart() -> None:
    assert VAULT.blind_index("email", "447700900123") != VAULT.blind_index("phone", "447700900123")
