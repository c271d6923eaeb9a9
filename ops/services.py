"""The services of Rapport: how each is run, and the only variables that each is given (docs/contracts.md)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.keys import Keys
from ops.layout import APP_PYTHON, CHECKOUT, RASA_PYTHON, cache_folder, encoder_registry
from ops.models import RASA_VARIABLES, Trained
from ops.ports import LOOPBACK, variable
from ops.service import ServiceSpec

#: In the order in which they are stopped: who asks before who answers.
STOP_ORDER = ("console", "web", "bot", "actions", "profiles", "worker", "shop")
_SECONDS_TO_START = {"bot": 150.0, "web": 180.0, "console": 180.0}
#: Module and command of the services that are not `python -m NAME serve`.
_COMMANDS = {"shop": ("demo", "serve"), "worker": ("profiles", "work"), "console": ("web", "console")}
#: What every process may have from the environment of whoever starts Rapport.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "RAPPORT_LOG_LEVEL", "SSL_CERT_FILE")
#: What each service may have on top, to be set by hand.
_SETTABLE = {"web": ("RAPPORT_DEMO", "RAPPORT_WEB_HOST", "RAPPORT_WIDGET_ORIGINS")}


@dataclass(frozen=True)
class Wiring:
    """Where everything is.

    Attributes:
        state: folder of local state.
        ports: of each service.
        overrides: variables by service that replace those made here ("actions": {"RAPPORT_SHOP_URL": …}).
    """

    state: Path
    ports: Mapping[str, int]
    database_url: str
    redis_url: str
    keys: Keys
    overrides: Mapping[str, Mapping[str, str]]

    def url(self, service: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[service]}"


def base_environment() -> dict[str, str]:
    """What every process gets, one-off commands included."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**inherited, "PYTHONUNBUFFERED": "1", "RAPPORT_CACHE": str(cache_folder())}


def data_environment(wiring: Wiring) -> dict[str, str]:
    """For the commands that fill the stores: migrations, the demo's seed, publishing."""
    return {
        **base_environment(),
        "DATABASE_URL": wiring.database_url,
        "REDIS_URL": wiring.redis_url,
        "RAPPORT_DATA_KEY": wiring.keys.data,
    }


def staff_environment(wiring: Wiring) -> dict[str, str]:
    """For the command that makes the accounts of the demo's staff."""
    return {
        **base_environment(),
        "DATABASE_URL": wiring.database_url,
        "RAPPORT_STAFF_PASSWORD": wiring.keys.staff,
    }


def is_demo() -> bool:
    """Whether the web process runs as a demo: unless the environment says otherwise."""
    return os.environ.get("RAPPORT_DEMO", "1").lower() not in ("0", "false", "no", "off")


def spec(
    service: str, wiring: Wiring, trained: Trained | None = None, sentence_model: Path | None = None
) -> ServiceSpec:
    """How a service is run; the bot with what was trained for it, actions with the model for its help pages."""
    python = RASA_PYTHON if service == "bot" else APP_PYTHON
    module, command = _COMMANDS.get(service, (service, "serve"))
    settable = {name: os.environ[name] for name in _SETTABLE.get(service, ()) if name in os.environ}
    environment = {
        **base_environment(),
        **_variables(service, wiring, trained, sentence_model),
        variable(service): str(wiring.ports[service]),
        **settable,
        **wiring.overrides.get(service, {}),
    }
    return ServiceSpec(
        name=service,
        command=[str(python), "-m", module, command],
        environment=environment,
        url=wiring.url(service),
        seconds_to_start=_SECONDS_TO_START.get(service, 60.0),
    )


def _variables(
    service: str, wiring: Wiring, trained: Trained | None, sentence_model: Path | None
) -> dict[str, str]:
    keys = wiring.keys
    database = {"DATABASE_URL": wiring.database_url}
    redis = {"REDIS_URL": wiring.redis_url}
    match service:
        case "shop":
            return {**database, "RAPPORT_SHOP_KEY": keys.shop, "RAPPORT_DATA_KEY": keys.data}
        case "profiles" | "worker":
            callers = (
                f"actions:read:{keys.profiles_read},web:write:{keys.profiles_write},"
                f"agents:agent:{keys.profiles_agent},analysts:analyst:{keys.profiles_analyst}"
            )
            return {
                **database,
                **redis,
                **({"RAPPORT_PROFILES_KEYS": callers} if service == "profiles" else {}),
                "RAPPORT_DATA_KEY": keys.data,
                "RAPPORT_STATE": str(wiring.state),
            }
        case "actions" if sentence_model is not None:
            return {
                **redis,
                "RAPPORT_ACTIONS_KEY": keys.actions,
                "RAPPORT_PROFILES_URL": wiring.url("profiles"),
                "RAPPORT_PROFILES_KEY": keys.profiles_read,
                "RAPPORT_SHOP_URL": wiring.url("shop"),
                "RAPPORT_SHOP_KEY": keys.shop,
                "RAPPORT_SENTENCE_MODEL": str(sentence_model),
            }
        case "bot" if trained is not None:
            return {
                **redis,
                **RASA_VARIABLES,
                "RAPPORT_BOT_KEY": keys.bot,
                "RAPPORT_ACTIONS_URL": wiring.url("actions"),
                "RAPPORT_ACTIONS_KEY": keys.actions,
                "RAPPORT_ENCODER_REGISTRY": str(trained.encoder_registry),
                "RAPPORT_RASA_MODEL": str(trained.archive),
                "PYTHONPATH": str(CHECKOUT),
            }
        case "web":
            return {
                **database,
                **redis,
                "RAPPORT_BOT_URL": wiring.url("bot"),
                "RAPPORT_BOT_KEY": keys.bot,
                "RAPPORT_PROFILES_URL": wiring.url("profiles"),
                "RAPPORT_PROFILES_KEY": keys.profiles_write,
                "RAPPORT_PROFILES_AGENT_KEY": keys.profiles_agent,
                # For /health alone, which says how each service is.
                "RAPPORT_ACTIONS_URL": wiring.url("actions"),
                "RAPPORT_SHOP_URL": wiring.url("shop"),
                "RAPPORT_SHOP_KEY": keys.shop,
                "RAPPORT_TOKEN_SECRET": keys.token,
                "RAPPORT_DEMO": "1",
            }
        case "console":
            return {
                **database,
                **redis,
                "RAPPORT_WEB_URL": wiring.url("web"),
                "RAPPORT_CONSOLE_SECRET": keys.console,
                # For teaching the assistant, which happens in the console.
                "RAPPORT_PROFILES_URL": wiring.url("profiles"),
                "RAPPORT_PROFILES_KEY": keys.profiles_read,
                "RAPPORT_STATE": str(wiring.state),
                "RAPPORT_ENCODER_REGISTRY": str(encoder_registry(wiring.state)),
            }
    raise ValueError(f"no service is called {service}, or it lacks its models")
