"""Partners as `data/profiles/partners.yml` declares them; where they are and our secrets the environment tells."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from profiles.protocol import Purpose, ShortText
from profiles.traits.declared import AttributeName, Schema

PARTNERS_FILE = Path(__file__).parent.parent.parent / "data" / "profiles" / "partners.yml"

_Path = Annotated[str, Field(pattern=r"^/\S*$")]
_Variable = Annotated[str, Field(pattern=r"^RAPPORT_PARTNER_[A-Z0-9_]+$")]


class UnusablePartner(ValueError):
    """There is no such partner, or it is not declared, or not set up, so that it can be asked."""


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Environment(_Declared):
    """Names of variables."""

    url: _Variable
    client_id: _Variable
    client_secret: _Variable


class Said(_Declared):
    """What one of the partner's fields is here."""

    attribute: AttributeName
    values: dict[str, str] = Field(default_factory=dict)

    def ours(self, value: Any) -> Any:
        """Their word as ours; what has no other word stays as it is."""
        return self.values.get(value, value) if isinstance(value, str) else value


class Partner(_Declared):
    """Whom we may ask, about whom, for what, and on what terms."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    about: ShortText
    environment: Environment
    token: _Path
    path: _Path
    scope: ShortText | None = None
    purpose: Purpose
    licence: ShortText
    valid_days: Annotated[int, Field(ge=1)]
    fields: Annotated[dict[str, Said], Field(min_length=1)]

    @property
    def source(self) -> str:
        return f"partner:{self.name}"


class _File(_Declared):
    version: int
    partners: list[Partner]


@dataclass(frozen=True)
class Access:
    """Where a partner is, and who we are there."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)


def read_partner(name: str, schema: Schema, path: Path = PARTNERS_FILE) -> Partner:
    """The partner of this name.

    Raises:
        UnusablePartner: there is none, or it tells of what partners may not say.
    """
    try:
        partners = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).partners
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise UnusablePartner(f"{path.name}: {error}") from None
    found = next((partner for partner in partners if partner.name == name), None)
    if found is None:
        known = ", ".join(sorted(partner.name for partner in partners)) or "none"
        raise UnusablePartner(f"there is no partner {name}; declared in {path.name}: {known}")
    for one in found.fields.values():
        attribute = schema.by_name.get(one.attribute)
        if attribute is None or not attribute.may_come_from(found.source):
            raise UnusablePartner(
                f"{path.name}: {one.attribute} is no attribute of which {found.source} may speak"
            )
        if found.purpose not in attribute.purposes:
            raise UnusablePartner(f"{path.name}: {one.attribute} is not for the purpose {found.purpose}")
    return found


def access_to(partner: Partner, variables: Mapping[str, str] = os.environ) -> Access:
    """Where the partner is, by the environment.

    Raises:
        UnusablePartner: a variable is missing, or the address would send our secret in the open.
    """
    names = partner.environment
    wanted = (names.url, names.client_id, names.client_secret)
    missing = [name for name in wanted if not variables.get(name)]
    if missing:
        raise UnusablePartner(f"{partner.name} is not set up: {', '.join(missing)} not set")
    url, client_id, client_secret = (variables[name] for name in wanted)
    parts = urlsplit(url)
    if not (parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(parts.hostname))):
        raise UnusablePartner(f"{names.url} must begin with https://")
    return Access(url.rstrip("/"), client_id, client_secret)


def _is_this_machine(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
