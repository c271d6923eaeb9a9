"""Settings of the profile service and its commands."""

import base64
import binascii
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator

from common.settings import EnvironmentSettings
from profiles.crypto import KEY_BYTES

REPOSITORY = Path(__file__).parents[1]
SEGMENTS_FILE = REPOSITORY / "data" / "decisions" / "segments.yml"


class StoreSettings(EnvironmentSettings):
    """What every command needs that touches customers."""

    database_url: Annotated[str, Field(alias="DATABASE_URL")]
    redis_url: Annotated[str, Field(alias="REDIS_URL")]
    data_key: SecretStr

    @field_validator("data_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        return _checked(value, "RAPPORT_DATA_KEY")

    def data_key_bytes(self) -> bytes:
        return base64.b64decode(self.data_key.get_secret_value())


class NewDataKey(EnvironmentSettings):
    """What `keys rewrap` needs besides."""

    new_data_key: SecretStr

    @field_validator("new_data_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        return _checked(value, "RAPPORT_NEW_DATA_KEY")

    def data_key_bytes(self) -> bytes:
        return base64.b64decode(self.new_data_key.get_secret_value())


class ServerSettings(StoreSettings):
    """What `serve` needs besides."""

    profiles_port: int = 8081
    profiles_keys: SecretStr


class WorkerSettings(StoreSettings):
    """What `work` needs besides."""

    worker_port: int = 8083
    state: Path = REPOSITORY / ".rapport"

    def lake_folder(self) -> Path:
        """Where the files of the lake rest."""
        return self.state / "lake" / "events"


class RightsSettings(StoreSettings):
    """What export, erasure and retention need besides: the folder of files."""

    state: Path = REPOSITORY / ".rapport"


def _checked(value: SecretStr, variable: str) -> SecretStr:
    try:
        key = base64.b64decode(value.get_secret_value(), validate=True)
    except binascii.Error:
        raise ValueError(f"{variable} is not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"{variable} must be base64 of {KEY_BYTES} bytes, not of {len(key)}")
    return value
