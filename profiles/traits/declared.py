"""What an attribute is: the declarations of `data/profiles/attributes.yml`."""

import contextlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from profiles.conditions import Kind
from profiles.mistakes import Mistake
from profiles.protocol import Purpose, ShortText
from profiles.traits.sources import Matrix, matches

ATTRIBUTES_FILE = Path(__file__).parent.parent.parent / "data" / "profiles" / "attributes.yml"
SOURCES_FILE = ATTRIBUTES_FILE.parent / "sources.yml"

#: `day` and `moment` are ISO texts; `address` and `facts` are documents (`profiles.records`).
Type = Literal["text", "number", "boolean", "texts", "day", "moment", "address", "facts"]
#: `core`: a column of customers. `derived`: follows from contacts, events and facts. `dynamic`: in JSONB.
Held = Literal["core", "derived", "dynamic"]
#: `sensitive` values are encrypted and shown to people only; `personal` ones tell who somebody is.
Sensitivity = Literal["ordinary", "personal", "sensitive"]
AttributeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]

#: The columns of customers that can be declared as core, and whether they are encrypted.
CORE: Mapping[str, bool] = {
    "first_name": False,
    "tier": False,
    "preferred_channel": False,
    "signed_up_at": False,
    "facts": False,
    "last_name": True,
    "email": True,
    "phone": True,
    "address": True,
    "birth_date": True,
}

_KINDS: Mapping[Type, Kind] = {"text": "text", "number": "number", "boolean": "boolean", "texts": "texts"}
_DATED: frozenset[Type] = frozenset({"day", "moment"})


class BadDeclaration(Mistake, ValueError):
    """The declarations can't be used; one line for each mistake."""


class Deprecated(BaseModel):
    """From this version on the attribute is only kept for those who still read it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Annotated[int, Field(ge=1)]
    why: ShortText
    instead: AttributeName | None = None


class Attribute(BaseModel):
    """One thing that is known of a customer.

    Attributes:
        title: for people.
        purposes: who may see it, consent given.
        sources: who may say it, as patterns (`partner:*`); what is derived has none.
        also: other names for it in messages (`firstName`).
        values: the only texts that are allowed; none named means any.
        seen_as: a day or moment is seen in views and conditions as whole days since then, under this name.
        retention_days: how long after it was said a value is kept; None: as long as the customer is one.
        since: the first version that has it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: AttributeName
    title: ShortText
    type: Type
    held: Held
    purposes: Annotated[frozenset[Purpose], Field(min_length=1)]
    sensitivity: Sensitivity = "ordinary"
    sources: tuple[ShortText, ...] = ()
    also: tuple[ShortText, ...] = ()
    values: tuple[str, ...] = ()
    seen_as: AttributeName | None = None
    retention_days: Annotated[int, Field(ge=1)] | None = None
    since: Annotated[int, Field(ge=1)] = 1
    deprecated: Deprecated | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.seen_as is not None and self.type not in _DATED:
            raise ValueError("only a day or a moment can be `seen_as` days since then")
        if self.values and self.type not in {"text", "texts"}:
            raise ValueError("only texts can have `values`")
        if (self.held == "derived") != (not self.sources):
            raise ValueError("what is derived has no `sources`; everything else needs some")
        if self.held == "core" and CORE.get(self.name) != (self.sensitivity == "sensitive"):
            raise ValueError("customers have no such column, or it is not as sensitive as is declared here")
        if self.held == "derived" and self.retention_days is not None:
            raise ValueError("what is derived is kept as long as what it follows from")
        return self

    @property
    def seen(self) -> str | None:
        """Its name in views and conditions; None when it is in neither."""
        if self.sensitivity == "sensitive":
            return None
        return self.seen_as if self.type in _DATED else self.name if self.type in _KINDS else None

    @property
    def kind(self) -> Kind:
        """The kind of what is seen."""
        return _KINDS.get(self.type, "number")

    def may_come_from(self, source: str) -> bool:
        return any(matches(pattern, source) for pattern in self.sources)


class Schema(BaseModel):
    """All declarations of one version, and the matrix that decides between sources."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[int, Field(ge=1)]
    attributes: tuple[Attribute, ...]
    matrix: Matrix

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        taken: dict[str, str] = {}
        for attribute in self.attributes:
            for name in {attribute.name, *attribute.also, attribute.seen_as or attribute.name}:
                if name in taken:
                    raise ValueError(f"'{name}' is both {taken[name]} and {attribute.name}")
                taken[name] = attribute.name
        known = {attribute.name for attribute in self.attributes}
        for attribute in self.attributes:
            replacement = attribute.deprecated and attribute.deprecated.instead
            if replacement is not None and replacement not in known:
                raise ValueError(f"{attribute.name}: '{replacement}', to be used instead, is not declared")
        if missing := set(self.matrix.attributes) - known:
            raise ValueError(f"the matrix speaks of undeclared attributes: {', '.join(sorted(missing))}")
        return self

    @cached_property
    def by_name(self) -> Mapping[str, Attribute]:
        return {attribute.name: attribute for attribute in self.attributes}

    @cached_property
    def by_any_name(self) -> Mapping[str, Attribute]:
        """Also by the other names that messages use; without what nobody may send."""
        return {
            name: attribute
            for attribute in self.attributes
            if attribute.held != "derived"
            for name in (attribute.name, *attribute.also)
        }

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """The kinds of what views and conditions see, by its name there."""
        return {attribute.seen: attribute.kind for attribute in self.attributes if attribute.seen is not None}


def read(attributes: Path = ATTRIBUTES_FILE, sources: Path = SOURCES_FILE) -> Schema:
    """The declarations of these files.

    Raises:
        BadDeclaration
    """
    declared = _yaml(attributes)
    return parse({**declared, "matrix": _yaml(sources)}, attributes.name)


def parse(content: Mapping[str, Any], what: str) -> Schema:
    """Declarations out of JSON or YAML.

    Raises:
        BadDeclaration: `what` is named in it.
    """
    try:
        return Schema.model_validate(content)
    except ValidationError as error:
        raise BadDeclaration("\n".join(_lines(error, content, what))) from None


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadDeclaration(f"{path.name}: can't be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise BadDeclaration(f"{path.name}: not YAML: {error}") from None
    if not isinstance(content, dict):
        raise BadDeclaration(f"{path.name}: holds no declarations")
    return content


def _lines(error: ValidationError, content: Mapping[str, Any], what: str) -> list[str]:
    lines = []
    for item in error.errors(include_url=False):
        place = [str(part) for part in item["loc"]]
        if len(place) > 1 and place[0] == "attributes":
            with contextlib.suppress(KeyError, TypeError, ValueError):
                place[:2] = [str(content["attributes"][int(place[1])]["name"])]
        lines.append(f"{what}: {': '.join([*place, item['msg'].removeprefix('Value error, ')])}")
    return lines
