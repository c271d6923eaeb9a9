"""Settings of the action server, from the environment (docs/contracts.md)."""

from pathlib import Path

from pydantic import Field, SecretStr

from common.settings import EnvironmentSettings

_ROOT = Path(__file__).parent.parent
DATA = _ROOT / "data"
DOMAIN = _ROOT / "domain.yml"


class PublishSettings(EnvironmentSettings):
    """What publishing needs: the Redis that every process reads the variants from."""

    redis_url: SecretStr = Field(alias="REDIS_URL")


class ActionSettings(PublishSettings):
    """What the server needs."""

    actions_port: int = 5055
    actions_key: SecretStr
    profiles_url: str
    profiles_key: SecretStr
    shop_url: str
    shop_key: SecretStr
    #: Folder of the model that help pages are searched with.
    sentence_model: Path
