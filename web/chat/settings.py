"""What the conversation server reads from its environment (docs/contracts.md)."""

import ipaddress
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import NoDecode

from common.settings import EnvironmentSettings

REPOSITORY = Path(__file__).resolve().parents[2]


class ChatSettings(EnvironmentSettings):
    """Settings of `python -m web serve`. Times are in seconds."""

    database_url: str = Field(validation_alias="DATABASE_URL")
    redis_url: str = Field(validation_alias="REDIS_URL")
    web_host: str = "127.0.0.1"
    web_port: int = 8080
    bot_url: str
    bot_key: SecretStr
    profiles_url: str
    profiles_key: SecretStr
    #: Of the role `agent`: what agents read about customers is audited there.
    profiles_agent_key: SecretStr | None = None
    actions_url: str | None = None
    shop_url: str | None = None
    shop_key: SecretStr | None = None
    token_secret: SecretStr = Field(min_length=32)
    demo: bool = False
    personas_file: Path = REPOSITORY / "data" / "demo" / "personas.yml"
    catalogue_file: Path = REPOSITORY / "data" / "catalog" / "products.yml"
    segments_file: Path = REPOSITORY / "data" / "decisions" / "segments.yml"
    #: Pages of other origins that may embed the widget, as `https://shop.example,https://…`.
    widget_origins: Annotated[tuple[str, ...], NoDecode] = ()

    @model_validator(mode="before")
    @classmethod
    def _split_origins(cls, values: dict[str, object]) -> dict[str, object]:
        origins = values.get("widget_origins")
        if isinstance(origins, str):
            values["widget_origins"] = tuple(part.strip() for part in origins.split(",") if part.strip())
        return values


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. A name other than `localhost` is not trusted to."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
