"""What the columns of a table are: by their names first, by their content where names do not tell."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from profiles.linkage.reading import BadTable, Table
from profiles.linkage.values import Kind, date, date_order

#: So many values of a column are looked at.
SAMPLE = 2000
_KINDS: tuple[Kind, ...] = get_args(Kind)
_LONG_TEXT = 60
#: A column is of a kind when more of its values are.
_MOSTLY = 0.8

_PARTS_OF_NAME: tuple[Kind, Kind] = ("given_name", "surname")
#: Full names are compared by their parts.
_NOT_COMPARED: frozenset[Kind] = frozenset({"record", "ignore", "full_name"})

#: A column so named is the name of its record, if no two records share a value.
_RECORD_NAME = re.compile(r"^(rec|record|row|unique|customer|person|client|user|source)? ?(id|key|no|ref)$")

#: First match counts. Words of a name are separated by one space.
_NAMES: tuple[tuple[str, Kind], ...] = (
    (r"\b(created|updated|modified|timestamp|signed|last (login|order|seen))\b", "ignore"),
    (r"\be ?mails?\b", "email"),
    (r"\b(phone|tel|telephone|mobile|cell|landline)\b", "phone"),
    (r"\b(dob|birth|born|birthday|birthdate)\b", "date"),
    (r"\b(post ?code|zip|postal|eircode)\b", "postcode"),
    (r"\b(house|street|building|flat) (number|no)\b", "house_number"),
    (
        r"\b(ssn|soc sec|social security|nhs|nino|national|passport|licen[cs]e|tax|insurance|loyalty|member|card)\b",
        "identifier",
    ),
    (r"\b(given|first|fore|christian) ?names?\b|\b(forename|fname)\b", "given_name"),
    (r"\b(surname|last ?name|family ?name|lname)\b", "surname"),
    (r"\b(city|town|suburb|locality)\b", "city"),
    (r"\b(state|county|country|region|province|gender|sex|title|salutation)\b", "category"),
    (r"\b(address|street|addr|line ?[12]|road)\b", "street"),
    (r"\bname\b", "full_name"),
)

_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_UK_POSTCODE = re.compile(r"^[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}$", re.IGNORECASE)
_PHONE = re.compile(r"^(\+|\(?0)[\d ()./-]{7,20}$")
_AMOUNT = re.compile(r"^-?\d+\.\d+$")
_CODE = re.compile(r"^(?=.*\d)[\w-]{6,}$")


@dataclass(frozen=True)
class Column:
    """A column of one table, or of two that were found to mean the same."""

    name: str
    kind: Kind
    place: int
    #: Its place in the other table, if there is one.
    other_place: int | None = None


def guess(table: Table, said: Mapping[str, Kind]) -> list[Column]:
    """What each column is; what `said` names is not guessed.

    Raises:
        BadTable: `said` names a column that the table does not have.
    """
    unknown = sorted(set(said) - set(table.header))
    if unknown:
        raise BadTable(f"{table.name} has no column {', '.join(unknown)}; it has {', '.join(table.header)}")
    kinds = [said.get(name) or _guess(name, table.values(index)) for index, name in enumerate(table.header)]
    if "record" in kinds:
        first = kinds.index("record")
        # Only one names the record.
        kinds = ["ignore" if kind == "record" and at != first else kind for at, kind in enumerate(kinds)]
    return [Column(name, kind, at) for at, (name, kind) in enumerate(zip(table.header, kinds, strict=True))]


def parse_kind(text: str) -> tuple[str, Kind]:
    """`COLUMN=KIND` as a pair.

    Raises:
        BadTable
    """
    name, _, said = text.rpartition("=")
    for kind in _KINDS:
        if name and kind == said:
            return name, kind
    raise BadTable(f"{text!r} is not COLUMN=KIND; kinds are {', '.join(_KINDS)}")


def split_full_names(table: Table, columns: Sequence[Column]) -> tuple[Table, list[Column]]:
    """Full names as given names and surnames, in two columns at the end: they tell a person from the family."""
    header, rows, found = list(table.header), [list(row) for row in table.rows], list(columns)
    kinds = {column.kind for column in columns}
    for column in columns:
        if column.kind != "full_name" or {"given_name", "surname"} & kinds:
            continue
        for row in rows:
            row.extend(split_name(row[column.place]))
        for part, kind in enumerate(_PARTS_OF_NAME):
            found.append(Column(f"{column.name}: {words_of(kind)}", kind, len(header) + part))
        header += [one.name for one in found[-2:]]
        kinds |= set(_PARTS_OF_NAME)
    return Table(table.name, header, rows, table.lines), found


def split_name(name: str) -> tuple[str, str]:
    """Given names and surname: "Okafor, Maria" and "Maria Okafor" are the same."""
    surname, comma, given = name.partition(",")
    if comma:
        return given.strip(), surname.strip()
    *others, last = name.split() or [""]
    return " ".join(others), last


def align(first: Sequence[Column], second: Sequence[Column]) -> list[Column]:
    """The columns that two tables share: of the same name, or the only ones of their kind."""
    by_name = {column.name.casefold(): column for column in second}
    shared = []
    for column in first:
        match = by_name.get(column.name.casefold())
        if match is None and _only(first, column.kind) is not None:
            match = _only(second, column.kind)
        if match is not None and not {column.kind, match.kind} & _NOT_COMPARED:
            shared.append(Column(column.name, column.kind, column.place, match.place))
    return shared


def compared(columns: Sequence[Column]) -> list[Column]:
    """Those of one table that say who it is."""
    return [column for column in columns if column.kind not in _NOT_COMPARED]


def _only(columns: Sequence[Column], kind: Kind) -> Column | None:
    of_kind = [column for column in columns if column.kind == kind]
    return of_kind[0] if len(of_kind) == 1 and kind not in ("text", "category") else None


def words_of(name: str) -> str:
    """A column's name as words: `dateOfBirth` and `date_of_birth` are `date of birth`."""
    spaced = re.sub(r"(?<=[a-z\d])(?=[A-Z])", " ", name)
    return re.sub(r"[^a-z\d]+", " ", spaced.casefold()).strip()


def _guess(name: str, cells: list[str]) -> Kind:
    words = words_of(name)
    filled = [cell for cell in cells if cell]
    if _RECORD_NAME.match(words) and len(filled) == len(cells) == len(set(cells)):
        return "record"
    if len(set(filled)) < 2:
        return "ignore"
    sample = filled[:SAMPLE]
    for pattern, kind in _NAMES:
        if re.search(pattern, words) and _fits(kind, sample):
            return kind
    return _by_content(sample)


def _share(test: Callable[[str], object], sample: list[str]) -> float:
    return sum(bool(test(value)) for value in sample) / len(sample)


def _is_date(sample: list[str]) -> Callable[[str], bool]:
    order = date_order(sample)

    def check(value: str) -> bool:
        day = date(value, order)
        return bool(day) and "1880" <= day[:4] <= "2100" and day[4:6] <= "12"

    return check


def _fits(kind: Kind, sample: list[str]) -> bool:
    """Whether values of the kind that a column's name promises are in it, most of the time."""
    if kind == "email":
        return _share(lambda value: "@" in value, sample) > 0.5
    if kind == "date":
        return _share(_is_date(sample), sample) > 0.5
    if kind == "phone":
        return _share(lambda value: sum(character.isdecimal() for character in value) >= 6, sample) > 0.5
    return True


def _by_content(sample: list[str]) -> Kind:
    shapes: tuple[tuple[Kind, Callable[[str], object]], ...] = (
        ("email", _EMAIL.match),
        ("postcode", _UK_POSTCODE.match),
        ("ignore", _AMOUNT.match),
        ("date", _is_date(sample)),
        ("phone", _PHONE.match),
    )
    for kind, test in shapes:
        if _share(test, sample) > _MOSTLY:
            return kind
    distinct = len(set(sample))
    if distinct <= max(12, len(sample) // 100) and distinct * 3 <= len(sample):
        return "category"
    if sum(map(len, sample)) / len(sample) > _LONG_TEXT:
        return "ignore"
    return "identifier" if _share(_CODE.match, sample) > _MOSTLY and distinct > len(sample) * 0.3 else "text"
