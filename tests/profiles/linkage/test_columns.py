"""What columns are taken for."""

import pytest

from profiles.linkage.columns import Column, align, guess, parse_kind, split_full_names, split_name
from profiles.linkage.reading import BadTable, Table


def table(**columns: list[str]) -> Table:
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    return Table("people.csv", list(columns), rows, list(range(2, len(rows) + 2)))


PEOPLE = table(
    customerId=["1", "2", "3"],
    FirstName=["Ada", "Bo", "Cy"],
    family_name=["Byrne", "Li", "Odhiambo"],
    birthDate=["1980-02-01", "1991-11-30", ""],
    zip=["LS1 4XX", "M1 1AA", "M1 1AA"],
    mobile_no=["07700 900123", "07700 900124", "07700 900125"],
    contact_email=["a@example.org", "b@example.org", "b@example.org"],
    created_at=["2024-01-01", "2024-01-02", "2024-01-03"],
    shop=["Leeds", "Leeds", "Leeds"],
)


def test_names_of_columns_tell_in_any_spelling() -> None:
    assert {column.name: column.kind for column in guess(PEOPLE, {})} == {
        "customerId": "record",
        "FirstName": "given_name",
        "family_name": "surname",
        "birthDate": "date",
        "zip": "postcode",
        "mobile_no": "phone",
        "contact_email": "email",
        "created_at": "ignore",
        "shop": "ignore",  # the same for everybody
    }


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["ada@example.org", "bo@example.net", "cy@example.com"], "email"),
        (["19800201", "19911130", "19750822"], "date"),
        (["01/02/1980", "30/11/1991", "5/6/75"], "date"),
        (["LS1 4XX", "M11AA", "sw1a 1aa"], "postcode"),
        (["+44 7700 900123", "07700 900124", "(0113) 496 0001"], "phone"),
        (["12.50", "99.99", "3.10"], "ignore"),
    ],
)
def test_content_tells_where_the_name_does_not(cells: list[str], kind: str) -> None:
    assert guess(table(column=cells), {})[0].kind == kind


def test_a_name_that_the_content_contradicts_is_not_believed() -> None:
    assert guess(table(email=["yes", "no", "yes"] * 3), {})[0].kind == "category"


def test_an_id_that_two_records_share_is_not_the_record_but_says_who_it_is() -> None:
    kinds = [
        column.kind for column in guess(table(id=["1", "2"], nhs_number=["9434765919", "9434765919x"]), {})
    ]
    assert kinds == ["record", "identifier"]
    assert guess(table(id=["4857773456", "4857773456", "9434765919"]), {})[0].kind != "record"


def test_what_is_said_is_not_guessed() -> None:
    columns = guess(PEOPLE, {"shop": "city", "zip": "ignore"})
    assert {column.name: column.kind for column in columns if column.name in ("shop", "zip")} == {
        "shop": "city",
        "zip": "ignore",
    }


def test_a_column_that_is_not_there_is_said() -> None:
    with pytest.raises(BadTable, match=r"people\.csv has no column town"):
        guess(PEOPLE, {"town": "city"})


@pytest.mark.parametrize("text", ["zip", "=city", "zip=village"])
def test_the_option_needs_column_and_kind(text: str) -> None:
    with pytest.raises(BadTable, match="is not COLUMN=KIND"):
        parse_kind(text)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Maria Okafor", ("Maria", "Okafor")),
        ("Okafor, Maria", ("Maria", "Okafor")),
        ("Maria Jane Okafor", ("Maria Jane", "Okafor")),
        ("Cher", ("", "Cher")),
        ("", ("", "")),
    ],
)
def test_a_full_name_is_split(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_full_names_of_one_file_meet_the_names_of_another() -> None:
    tills = table(no=["7", "8"], name=["Byrne, Ada", "Bo Li"], born=["1980-02-01", "1991-11-30"])
    _, split = split_full_names(tills, guess(tills, {}))
    shared = {column.name: column.kind for column in align(guess(PEOPLE, {}), split)}
    assert shared == {"FirstName": "given_name", "family_name": "surname", "birthDate": "date"}


def test_columns_of_the_same_kind_are_matched_by_name_only() -> None:
    first = [Column("address_1", "street", 0), Column("address_2", "street", 1)]
    second = [Column("address_2", "street", 0), Column("road", "street", 1)]
    assert align(first, second) == [Column("address_2", "street", 1, 0)]
