"""What teaching reads from the environment of the console (docs/contracts.md)."""

import sys
from pathlib import Path

from pydantic import Field, SecretStr

from common.settings import EnvironmentSettings

REPOSITORY = Path(__file__).resolve().parents[2]

#: Where the data lies in a checkout, from its root.
NLU, MOODS, VARIANTS = "data/rasa/nlu", "data/sentiment", "data/variants"
DECISIONS = "data/decisions"
PERSONAS = "data/demo/personas.yml"
DOMAIN = "domain.yml"


class TrainingSettings(EnvironmentSettings):
    """Settings of `web.training`.

    Attributes:
        state: folder of local state; trainings and their logs lie in `training` there.
        repository: the checkout whose data is taught.
        python: the interpreter of the commands.
        recent_days: how far back messages are looked at, in days.
        recent_messages: how many messages at most are looked at, the newest.
    """

    database_url: str = Field(validation_alias="DATABASE_URL")
    redis_url: str = Field(validation_alias="REDIS_URL")
    profiles_url: str
    profiles_key: SecretStr
    state: Path = REPOSITORY / ".rapport"
    repository: Path = REPOSITORY
    python: Path = Path(sys.executable)
    recent_days: int = 30
    recent_messages: int = 2_000
