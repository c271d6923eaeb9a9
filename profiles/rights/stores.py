"""The declared places of personal data (`data/privacy/stores.yml`)."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator
from sqlalchemy import TextClause, text

from profiles.protocol import Purpose

STORES_FILE = Path(__file__).parents[2] / "data" / "privacy" / "stores.yml"

#: The ids under which a person is found, by kind (`customer_ids`, `device_ids`, …).
Identifiers = dict[str, set[str]]
Basis = Literal["contract", "consent", "legal obligation", "legitimate interest"]
Table = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]
Column = Annotated[str, Field(pattern=r"^[a-z_]+$")]

#: Always known: what the audit log calls the person.
PSEUDONYMS = "pseudonyms"
_PLACE = re.compile(r"\{([a-z_]+)\}")


class UnusableStores(ValueError):
    """The file is not usable; the message says where and why."""


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Retention(_Declared):
    """Rows are deleted so many days after the moment in `column`; `where` narrows it to some of them."""

    column: Column
    days: PositiveInt
    where: str | None = None


class FoundIn(_Declared):
    """The person's rows are those whose sealed column mentions one of the ids."""

    column: Column
    ids: list[str]


class TableStore(_Declared):
    """Rows of a table; see the head of the file for what each member says."""

    name: str = ""
    table: Table
    about: str
    purpose: Purpose
    basis: Basis
    find: str | None = None
    find_in: FoundIn | None = None
    #: Where the person's export shows more rows than erasure has still to change.
    show: str | None = None
    erase: Literal["delete", "pseudonymise", "keep"]
    first: str | None = None
    set: dict[Column, str] = Field(default_factory=dict)
    because: str | None = None
    until: str | None = None
    sealed: dict[Column, str] = Field(default_factory=dict)
    #: The service's own sealed values are opened: those of `data/security/sealed.yml`, and those inside of events.
    opened: bool = False
    hide: list[Column] = Field(default_factory=list)
    retention: Retention | None = None
    kept: str | None = None

    @property
    def title(self) -> str:
        return self.name or self.table

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.find is None) == (self.find_in is None):
            raise ValueError(f"{self.title}: give either find or find_in")
        if (self.erase == "pseudonymise") != bool(self.set):
            raise ValueError(f"{self.title}: `set` goes with pseudonymise, and only with it")
        if self.erase != "delete" and not self.because:
            raise ValueError(f"{self.title}: what is not deleted needs a reason (because)")
        return self


class RedisStore(_Declared):
    """Keys that hold an id of the person, or a stream whose entries hold events of many."""

    name: str
    about: str
    keys: list[str] = Field(default_factory=list)
    stream: str | None = None
    holds: Literal["events", "reads"] = "events"
    field: str = ""
    retention: str
    retention_days: PositiveInt | None = None

    @property
    def title(self) -> str:
        return self.name


class FileStore(_Declared):
    """Files below `RAPPORT_STATE`."""

    name: str
    about: str
    kind: Literal["lake", "logs"]
    folder: str
    pattern: str = "*"
    ids: list[str] = Field(default_factory=list)
    retention_days: PositiveInt

    @property
    def title(self) -> str:
        return self.name


class Seal(_Declared):
    """Another room's way of sealing: AES-256-GCM, nonce first, with a key that HKDF makes of the data key."""

    key_from: str
    nonce_bytes: PositiveInt


class Elsewhere(_Declared):
    """A place that is not walked, and why it need not be."""

    where: str
    because: str


class Stores(_Declared):
    """The file as a whole."""

    version: Literal[1]
    identifiers: dict[str, list[str]]
    seals: dict[str, Seal]
    stores: list[TableStore]
    redis: list[RedisStore]
    files: list[FileStore]
    elsewhere: list[Elsewhere]
    not_personal: dict[Table, str]

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        titles = [about.title for about in self.places()]
        twice = {title for title in titles if titles.count(title) > 1}
        if twice:
            raise ValueError(f"stands there twice: {', '.join(sorted(twice))}")
        known = {*self.identifiers, PSEUDONYMS}
        said = [sql for queries in self.identifiers.values() for sql in queries]
        said += [part for store in self.stores for part in (store.find, store.show, store.first) if part]
        unknown = {name for sql in said for name in _PLACE.findall(sql)} - known
        unknown |= {name for store in self.stores if store.find_in for name in store.find_in.ids} - known
        if unknown:
            raise ValueError(f"no identifiers are called {', '.join(sorted(unknown))}")
        return self

    def places(self) -> list[TableStore | RedisStore | FileStore]:
        """All stores, in the order of the walk."""
        return [*self.stores, *self.redis, *self.files]

    def tables(self) -> set[str]:
        """All tables that the file speaks of."""
        return {store.table for store in self.stores} | set(self.not_personal)


def load(file: Path = STORES_FILE) -> Stores:
    """The stores of the file.

    Raises:
        UnusableStores
    """
    try:
        return Stores.model_validate(yaml.safe_load(file.read_text()))
    except (yaml.YAMLError, ValueError) as error:
        raise UnusableStores(f"{file}: {error}") from None


@cache
def declared() -> Stores:
    """The stores of the project."""
    return load()


def statement(sql: str) -> TextClause:
    """SQL of the file, its places bound to lists of ids (`parameters`)."""
    return text(_PLACE.sub(r"CAST(:\1 AS text[])", sql))


def parameters(
    sql: TextClause, identifiers: Mapping[str, set[str]], pseudonym: str | None = None
) -> dict[str, Any]:
    """What a statement asks for, and no more."""
    given: dict[str, Any] = {name: sorted(ids) for name, ids in identifiers.items()}
    given["pseudonym"] = pseudonym
    return {name: given.get(name, []) for name in sql.compile().params}


def key_patterns(keys: Sequence[str]) -> list[tuple[str, re.Pattern[str]]]:
    """For each pattern of Redis keys: which identifiers it holds, and an expression whose group is the id."""
    found = []
    for key in keys:
        name = _PLACE.findall(key)[0]
        before, after = key.split(f"{{{name}}}")
        rest = ".*".join(re.escape(part) for part in after.split("*"))
        found.append((name, re.compile(f"{re.escape(before)}([^:{{}}]+){rest}")))
    return found
