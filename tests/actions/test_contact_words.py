"""Addresses, e-mail addresses, telephone numbers and names as customers type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.contact_words import email_in, is_uk_phone, name_in, phone_in
from actions.uk_address import Parts, postcode_in, read_address, town_in

MILL = Parts("9 Mill Lane", "Bath", "BA1 2LR")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("9 Mill Lane, Bath, BA1 2LR", MILL),
        ("9 Mill Lane Bath ba12lr", MILL),
        ("pls chnage my adress to 9 Mill Lane, Bath BA1 2LR", MILL),
        ("please send it to 9 Mill Lane\nBath\nBA1 2LR\nUK", MILL),
        ("BA1 2LR 9 Mill Lane Bath", MILL),
        ("add 9 Mill Lane, Bath, BA1 2LR as a new address", MILL),
        ("Flat 2, 9 Mill Lane, Bath BA1 2LR", Parts("Flat 2, 9 Mill Lane", "Bath", "BA1 2LR")),
        (
            "ship to my office: Unit 4, The Old Mill, Leeds LS8 2NB",
            Parts("Unit 4, The Old Mill", "Leeds", "LS8 2NB"),
        ),
        (
            "Rose Cottage, High Street, Fakenham, NR21 0HT",
            Parts("Rose Cottage, High Street", "Fakenham", "NR21 0HT"),
        ),
        ("221B Baker Street London NW1 6XE", Parts("221B Baker Street", "London", "NW1 6XE")),
        ("no it's 15 Orchard Terrace", Parts("15 Orchard Terrace")),
        ("9 mill lane, bath", Parts("9 mill lane", "Bath")),
        ("SW1A 1AA", Parts(postcode="SW1A 1AA")),
        ("I'd like to add an address", Parts()),
        ("I'd like to add my sister's place as somewhere you deliver to", Parts()),
        ("I put the wrong house down for where my parcel should go", Parts()),
        ("10115 Berlin", Parts()),
    ],
)
def test_an_address_is_taken_apart(text: str, parts: Parts) -> None:
    assert read_address(text) == parts


@pytest.mark.parametrize("text", ["where is my order", "I don't know", "can you help", "stop"])
def test_other_words_are_no_town(text: str) -> None:
    assert town_in(text) is None


def test_a_town_by_itself() -> None:
    assert town_in("it's newcastle upon tyne") == "Newcastle Upon Tyne"


@given(st.sampled_from(["BA1 2LR", "M20 6RW", "SW1A 1AA", "LS8 2NB"]), st.booleans(), st.booleans())
def test_a_postcode_is_found_however_it_is_spaced_and_cased(code: str, lower: bool, joined: bool) -> None:
    written = code.replace(" ", "") if joined else code
    assert postcode_in(f"to {written.lower() if lower else written}, please") == code


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it's maria@example.com.", "maria@example.com"),
        ("maria at example dot co dot uk", "maria@example.co.uk"),
        ("not a@example.com but b@example.com", "b@example.com"),
        ("maria@example", None),
        ("look at this", None),
    ],
)
def test_an_email_address(text: str, found: str | None) -> None:
    assert email_in(text) == found


@pytest.mark.parametrize(
    ("written", "good"),
    [
        ("07700 900123", True),
        ("+44 7700 900123", True),
        ("(020) 7946 0999", True),
        ("12345", False),
        ("+49 30 1234567", False),
    ],
)
def test_a_uk_phone_number(written: str, good: bool) -> None:
    assert is_uk_phone(written) is good


def test_a_phone_number_in_a_sentence() -> None:
    assert phone_in("my new one is 07700 900 123, thanks") == "07700 900 123"


@pytest.mark.parametrize(
    ("text", "alone", "found"),
    [
        ("Maria Hart", True, "Maria Hart"),
        ("my name is now maria hart-lowe", True, "Maria Hart-Lowe"),
        ("change my name to Siobhán O'Neill please", False, "Siobhán O'Neill"),
        ("Maria Hart", False, None),
        ("what do you mean", True, None),
        ("I want my order", True, None),
    ],
)
def test_a_name(text: str, alone: bool, found: str | None) -> None:
    assert name_in(text, alone=alone) == found
