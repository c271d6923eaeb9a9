"""Tables from CSV files, and what is said of files that are none."""

from pathlib import Path

import pytest

from profiles.linkage.reading import BadTable, read_csv


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_cells_are_stripped_and_empty_lines_left_out(tmp_path: Path) -> None:
    table = read_csv(written(tmp_path, "id, name\n1 ,  Ada Byrne\n\n2,\n"))
    assert table.header == ["id", "name"]
    assert table.rows == [["1", "Ada Byrne"], ["2", ""]]
    assert table.lines == [2, 4]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    table = read_csv(written(tmp_path, separator.join(["id", "name"]) + "\n" + separator.join(["1", "Ada"])))
    assert table.rows == [["1", "Ada"]]


def test_a_cell_may_hold_lines_and_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    table = read_csv(written(tmp_path, '\ufeffid,address\n1,"4 Kiln Lane\nLeeds"\n2,York\n'))
    assert table.header == ["id", "address"]
    assert table.lines == [2, 4]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "people.csv is empty; the first line must name the columns"),
        ("id,name\n", "people.csv has a header and no records"),
        ("id,name\n1,Ada\n2\n3,Bo,x\n", "line 3: 1 fields where the header has 2; line 4: 3 fields"),
        ("id,ID\n1,2\n", "line 1: more than one column is named id"),
        ("id,,name\n1,2,3\n", "line 1: column 2 has no name"),
        (b"id,name\n1,Ada\n2,Zo\xeb\n", "line 3: not UTF-8"),
        ('id,name\n1,"Ada\n', "line 2: unexpected end of data"),
    ],
)
def test_what_is_wrong_is_said_by_line(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(BadTable, match=said.replace(".", r"\.")):
        read_csv(written(tmp_path, content))


def test_many_mistakes_are_counted_after_the_first_five(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match=r"line 6: .*; and 4 more$"):
        read_csv(written(tmp_path, "id,name\n" + "x\n" * 9))


def test_no_value_of_a_person_is_in_a_message(tmp_path: Path) -> None:
    with pytest.raises(BadTable) as raised:
        read_csv(written(tmp_path, "id,name\nSecret,Ada,4 Kiln Lane\n"))
    assert "Secret" not in str(raised.value)
    assert "Kiln" not in str(raised.value)
