"""How a message is read by the encoder: which order it is about does not move what it wants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_models.runtime.reading import readable


@pytest.mark.parametrize(
    "written",
    ["RP-100102", "rp100102", "Rp 907 315", "r p - 1 0 0 1 0 2", "RP.4471", "RP#100102"],
)
def test_every_order_id_is_read_alike(written: str) -> None:
    assert readable(f"cancel {written}, please") == "cancel RP-123456, please"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("deal.fan@example.com", "me@example.com"),
        ("it's J_Ruiz+shop1985@mail.fenwickfarm.example, sorry", "it's me@example.com, sorry"),
        ("to YO99 9ZZ please", "to AB1 2CD please"),
        ("sw1a1aa", "AB1 2CD"),
    ],
)
def test_every_mailbox_and_every_postcode_is_read_alike(written: str, read: str) -> None:
    assert readable(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("order #907315", "order #123456"),
        ("907315 please", "123456 please"),
        ("parcel JD0099887766554 is late", "parcel JD1234567890123 is late"),
        ("call 07700900123", "call 12345678901"),
    ],
)
def test_the_digits_of_a_number_that_identifies_are_counted(written: str, read: str) -> None:
    assert readable(written) == read


@pytest.mark.parametrize(
    "written", ["in 2024", "£1299.99", "500 ml", "before 10:30", "4111 1111 1111 1111", "it is an RP-9"]
)
def test_numbers_that_tell_something_stay(written: str) -> None:
    assert readable(written) == written


@given(st.text(alphabet=st.sampled_from("rRpP-# .@019٣👍éAbB\n"), max_size=30) | st.text(max_size=60))
def test_what_was_read_is_read_the_same_again(text: str) -> None:
    assert readable(readable(text)) == readable(text)


@given(st.integers(0, 999_999), st.integers(0, 999_999))
def test_any_two_orders_are_read_alike(one: int, other: int) -> None:
    def wish(number: int) -> str:
        return readable(f"I'd like something taken out of RP-{number:06}")

    assert wish(one) == wish(other)
