"""What the demo reads from the environment."""

import base64
import binascii

from pydantic import Field, SecretStr, field_validator

from common.settings import EnvironmentSettings


class SeedSettings(EnvironmentSettings):
    """For seeding: where to, and the key of the hashed e-mail addresses (base64 of 32 bytes)."""

    database_url: SecretStr = Field(validation_alias="DATABASE_URL")
    data_key: SecretStr

    @field_validator("data_key")
    @classmethod
    def _thirty_two_bytes(cls, value: SecretStr) -> SecretStr:
        try:
            key = base64.b64decode(value.get_secret_value(), validate=True)
        except binascii.Error:
            raise ValueError("not base64") from None
        if len(key) != 32:
            raise ValueError("not 32 bytes")
        return value

    def key(self) -> bytes:
        return base64.b64decode(self.data_key.get_secret_value())


class ShopSettings(SeedSettings):
    """For serving the order API on `127.0.0.1`."""

    shop_key: SecretStr = Field(min_length=8)
    shop_port: int = Field(default=8082, ge=1, le=65535)
