"""What the console reads from its environment (docs/contracts.md)."""

from pathlib import Path

from pydantic import Field, SecretStr

from common.settings import EnvironmentSettings

REPOSITORY = Path(__file__).resolve().parents[2]


class ConsoleSettings(EnvironmentSettings):
    """Settings of `python -m web console`."""

    console_host: str = "127.0.0.1"
    console_port: int = 8090
    #: The conversation server, which has the agents' API.
    web_url: str
    #: Signs the cookie that tells browsers apart.
    console_secret: SecretStr = Field(min_length=32)
    #: Folder of local state; who is signed in is kept in `console` there.
    state: Path = REPOSITORY / ".rapport"
    domain_file: Path = REPOSITORY / "domain.yml"
    segments_file: Path = REPOSITORY / "data" / "decisions" / "segments.yml"
