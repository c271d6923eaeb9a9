"""Settings come from environment variables (docs/contracts.md); secrets never from files in git."""

from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound="EnvironmentSettings")


class EnvironmentSettings(BaseSettings):
    """Base of a room's settings. A field `profiles_url` reads `RAPPORT_PROFILES_URL` unless it has an alias."""

    model_config = SettingsConfigDict(env_prefix="RAPPORT_", populate_by_name=True, extra="ignore")


def load(settings: type[S]) -> S:
    """Read settings from the environment.

    Raises:
        SystemExit: with one line that names each missing or unusable variable.
    """
    try:
        return settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
        )
        raise SystemExit(
            f"{settings.__module__}: settings unusable: {problems}. `make up` sets them all; see docs/contracts.md."
        ) from None


def sqlalchemy_url(database_url: str) -> str:
    """The same database for SQLAlchemy with psycopg 3: `postgresql://…` becomes `postgresql+psycopg://…`."""
    scheme, separator, rest = database_url.partition("://")
    if not separator or scheme.split("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError("DATABASE_URL must begin with postgresql://")
    return f"postgresql+psycopg://{rest}"
