"""One spelling for each value: what is written in many ways, what is not understood, and no change the second time."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.crypto import normalise as index_spelling
from profiles.quality.normalise import (
    Amount,
    amount_of,
    day_of,
    email_of,
    label_of,
    moment_of,
    phone_of,
    postcode_of,
)
from profiles.quality.normalise.labels import spellings
from profiles.quality.normalise.postcodes import shapes

COUNTRIES = sorted(shapes())
#: Texts of which some are nearly right.
texts = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"[0-9]{1,4}[/. -][0-9]{1,2}[/. -][0-9]{1,4}", fullmatch=True),
    st.from_regex(r"[+(]{0,2}[0-9 )-]{5,16}", fullmatch=True),
    st.from_regex(r"[A-Za-z.+]{1,8}@[a-zäü-]{1,8}\.[a-z]{2,3}", fullmatch=True),
    st.from_regex(r"[A-Z]{1,2}[0-9]{1,2}[A-Z]? ?[0-9][A-Z]{2}", fullmatch=True),
)


@pytest.mark.parametrize(
    "once", [day_of, moment_of, email_of, phone_of, lambda text: label_of("country", text)]
)
@settings(deadline=None)
@given(text=texts)
def test_what_is_normal_stays_as_it_is(once: Callable[[str], str | None], text: str) -> None:
    normal = once(text)
    assert normal is None or once(normal) == normal


@settings(deadline=None)
@given(texts, st.sampled_from([*COUNTRIES, "BR"]))
def test_a_normal_postcode_stays_as_it_is(text: str, country: str) -> None:
    normal = postcode_of(text, country)
    assert normal is None or postcode_of(normal, country) == normal


@settings(deadline=None)
@given(
    st.decimals(-999_999, 999_999, places=2), st.sampled_from(["{}", "£{}", "{} GBP", "GBP {}", "{} pounds"])
)
def test_an_amount_is_read_however_it_is_written(value: Decimal, form: str) -> None:
    for written in (f"{value:,}", f"{value}", f"{value:,}".translate({44: ".", 46: ","})):
        found = amount_of(form.format(written))
        assert found is not None
        assert found.value == value
        assert found.currency == (None if form == "{}" else "GBP")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("49p", Amount(Decimal("0.49"), "GBP")),
        ("1\u202f299,00\u00a0€", Amount(Decimal("1299.00"), "EUR")),
        ("1'299.50 CHF", Amount(Decimal("1299.50"), "CHF")),
        ("(12.50)", Amount(Decimal("-12.50"), None)),
        ("£-5", Amount(Decimal(-5), "GBP")),
        ("1,250", Amount(Decimal(1250), None)),
        ("1.250", Amount(Decimal("1.250"), None)),
        ("12,5", Amount(Decimal("12.5"), None)),
        ("1,2345", None),
        ("1.2.3", None),
        ("12-3", None),
        ("£5 or $6", None),
        ("5 apples", None),
        ("free", None),
        ("", None),
    ],
)
def test_amounts(text: str, amount: Amount | None) -> None:
    assert amount_of(text) == amount


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2068, 12, 31)))
def test_a_day_is_read_however_it_is_written(day: date) -> None:
    forms = ("%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%a %d %b %Y", "%A, %B %d, %Y", "%Y%m%d", "%Y/%m/%d")
    assert {day_of(day.strftime(form)) for form in forms} == {day.isoformat()}
    assert day_of(day.strftime("%m/%d/%Y"), month_first=True) == day.isoformat()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3/4/2026", "2026-04-03"),
        ("22nd Nov 2026", "2026-11-22"),
        ("1 Sept. 2025", "2025-09-01"),
        ("22/11/26", "2026-11-22"),
        ("2026-11-22T23:30:00+02:00", "2026-11-22"),
        ("31/02/2026", None),
        ("22/11", None),
        ("tomorrow", None),
    ],
)
def test_days(text: str, day: str | None) -> None:
    assert day_of(text) == day


@settings(deadline=None)
@given(st.datetimes(datetime(2002, 1, 1), datetime(2068, 1, 1)), st.integers(-12, 14))
def test_a_moment_is_read_however_it_is_written(local: datetime, hours: int) -> None:
    moment = (local.replace(tzinfo=UTC) - timedelta(hours=hours)).replace(microsecond=0)
    normal = moment.isoformat().replace("+00:00", "Z")
    seconds = int(moment.timestamp())
    written = local.replace(microsecond=0).isoformat()
    sign = "-" if hours < 0 else "+"
    assert moment_of(f"{written}{sign}{abs(hours):02}:00") == normal
    assert moment_of(seconds) == moment_of(seconds * 1000) == moment_of(str(seconds)) == normal


def test_a_moment_without_a_zone_is_utc_and_a_day_begins_at_midnight() -> None:
    assert moment_of("2026-11-22 09:30") == "2026-11-22T09:30:00Z"
    assert moment_of("22/11/2026") == "2026-11-22T00:00:00Z"
    assert moment_of("Sun, 22 Nov 2026 09:30:00 +0100") == "2026-11-22T08:30:00Z"
    assert moment_of(42) is None


@pytest.mark.parametrize(
    ("text", "country", "phone"),
    [
        ("020 7946 0018", "GB", "+442079460018"),
        ("+44 (0)20 7946 0018", "GB", "+442079460018"),
        ("0044 20 7946 0018", "IE", "+442079460018"),
        ("07700 900123", "GB", "+447700900123"),
        ("01 23 45 67 89", "FR", "+33123456789"),
        ("06 6982", "IT", "+39066982"),
        ("020 7946 0018 x12", "GB", None),
        ("12", "GB", None),
        ("my landline", "GB", None),
    ],
)
def test_phone_numbers(text: str, country: str, phone: str | None) -> None:
    assert phone_of(text, country) == phone


@pytest.mark.parametrize("text", ["020 7946 0018", "+44 20 7946 0018", "(020) 7946-0018"])
def test_the_normal_spellings_of_a_contact_are_found_by_its_blind_index(text: str) -> None:
    assert index_spelling("phone", phone_of(text) or "") == index_spelling("phone", text)
    assert index_spelling("email", email_of("Maria@Example.org") or "") == index_spelling(
        "email", "MARIA@example.ORG"
    )


@pytest.mark.parametrize(
    ("text", "email"),
    [
        (" Maria.O@Example.ORG ", "maria.o@example.org"),
        ("Maria Okafor <maria@example.org>", "maria@example.org"),
        ("mailto:maria@example.org", "maria@example.org"),
        ("maria@bücher.example", "maria@xn--bcher-kva.example"),
        ("maria@example", None),
        ("maria@@example.org", None),
        ("maria o@example.org", None),
        (".maria@example.org", None),
        (f"{'m' * 65}@example.org", None),
    ],
)
def test_email_addresses(text: str, email: str | None) -> None:
    assert email_of(text) == email


@pytest.mark.parametrize("country", COUNTRIES)
def test_postcodes_of_a_country_are_taken_however_they_are_spaced(country: str) -> None:
    for code in shapes()[country].for_example:
        bare = code.replace(" ", "").replace("-", "")
        for written in (code, bare, bare.lower(), f" {' '.join(bare)} "):
            assert postcode_of(written, country) == code


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("80331", "GB"),
        ("SW1A 1AA", "DE"),
        ("1012 SS", "NL"),
        ("99999", "FR"),
        ("53001", "ES"),
        ("QA1 1AA", "GB"),
    ],
)
def test_a_postcode_must_be_one_of_its_country(text: str, country: str) -> None:
    assert postcode_of(text, country) is None


def test_what_is_written_before_a_postcode_is_left_out() -> None:
    assert postcode_of("D-80331", "DE") == "80331"
    assert postcode_of("NL-1012 ab", "NL") == "1012 AB"


def test_postcodes_of_a_country_of_which_nothing_is_known_are_not_checked() -> None:
    assert postcode_of(" 01310-100  x", "BR") == "01310-100 X"
    assert postcode_of("", "BR") is None


@pytest.mark.parametrize(
    ("kind", "text", "label"),
    [
        ("country", "U.K.", "GB"),
        ("country", "ESPAÑA", "ES"),
        ("country", "Scotland", "GB"),
        ("channel", "Live-Chat", "chat"),
        ("channel", "in_store", "store"),
        ("tier", "Gold member", "gold"),
        ("currency", "£", "GBP"),
        ("language", "English", "en"),
        ("country", "Narnia", None),
    ],
)
def test_labels(kind: str, text: str, label: str | None) -> None:
    assert label_of(kind, text) == label


def test_every_label_stands_for_itself() -> None:
    for kind, known in spellings().items():
        assert all(label_of(kind, label) == label for label in set(known.values()))
