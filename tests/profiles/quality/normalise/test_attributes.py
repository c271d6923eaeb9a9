"""What sources send of a customer is kept in one spelling, and as it is when it is not understood."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.quality.normalise.attributes import normal_value
from profiles.traits.versions import of_files

DECLARED = of_files().by_name


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("email", "Ann <ANN@example.org>", "ann@example.org"),
        ("phone", "020 7946 0018", "+442079460018"),
        ("birth_date", "9/3/1984", "1984-03-09"),
        ("loyalty_joined_on", "3rd May 2021", "2021-05-03"),
        ("signed_up_at", "Sun, 22 Nov 2026 09:30:00 +0100", "2026-11-22T08:30:00Z"),
        ("preferred_channel", "Live-Chat", "chat"),
        ("tier", "VIP", "gold"),
        ("language", "English", "en"),
        ("first_name", "ANN", "ANN"),
        ("email", "none", "none"),
        ("birth_date", "spring", "spring"),
        ("household_size", 3, 3),
        ("email", None, None),
    ],
)
def test_values_of_attributes(name: str, sent: Any, kept: Any) -> None:
    assert normal_value(DECLARED[name], sent) == kept


def test_addresses_have_the_code_of_their_country_and_its_postcode_in_its_form() -> None:
    sent = {"street": "4 Kiln Lane", "postalCode": "ls14xx", "country": "England"}
    assert normal_value(DECLARED["address"], sent) == {**sent, "postalCode": "LS1 4XX", "country": "GB"}
    odd = {"line1": "1 Rua", "postcode": "?", "country": "Narnia"}
    assert normal_value(DECLARED["address"], odd) == odd


@settings(deadline=None)
@given(
    st.sampled_from(sorted(DECLARED)),
    st.one_of(st.text(max_size=20), st.integers(), st.booleans(), st.none()),
)
def test_what_is_normal_stays_as_it_is(name: str, sent: Any) -> None:
    once = normal_value(DECLARED[name], sent)
    assert normal_value(DECLARED[name], once) == once
