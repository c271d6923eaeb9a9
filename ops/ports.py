"""Ports on the loopback interface."""

import os
import socket
from collections.abc import Iterable
from contextlib import ExitStack

from ops.errors import OpsError

LOOPBACK = "127.0.0.1"

#: Where each service listens unless `RAPPORT_NAME_PORT` says otherwise.
DEFAULTS = {
    "shop": 8082,
    "profiles": 8081,
    "worker": 8083,
    "actions": 5055,
    "bot": 5005,
    "web": 8080,
    "console": 8090,
}


def free_port() -> int:
    """A TCP port that nobody listens on right now, given by the operating system."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def free_ports(names: Iterable[str]) -> dict[str, int]:
    """A different free port for each name."""
    with ExitStack() as held:
        ports = {}
        for name in names:
            probe = held.enter_context(socket.socket())
            probe.bind((LOOPBACK, 0))
            ports[name] = probe.getsockname()[1]
        return ports


def is_taken(port: int) -> bool:
    """Whether a server could not listen on `port` now. A closed connection that lingers does not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
        return False


def variable(service: str) -> str:
    """The environment variable that sets a service's port."""
    return f"RAPPORT_{service.upper()}_PORT"


def configured_ports() -> dict[str, int]:
    """The port of each service, from the environment or by default.

    Raises:
        OpsError: when a variable holds no port, or two services were given the same one.
    """
    ports = {}
    for service, default in DEFAULTS.items():
        text = os.environ.get(variable(service)) or str(default)
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise OpsError(f"{variable(service)} is {text!r}; set it to a port number, such as {default}.")
        ports[service] = int(text)
    for service, port in ports.items():
        other = next(name for name, its in ports.items() if its == port)
        if other != service:
            raise OpsError(f"{other} and {service} are both set to port {port}; change {variable(service)}.")
    return ports


def check_public_ports() -> None:
    """Raises:
    OpsError: when one of the services' ports is in use.
    """
    for service, port in configured_ports().items():
        check_port(service, port)


def check_port(service: str, port: int, owner: str = "") -> None:
    """Raises:
    OpsError: when the port is in use; `owner` names the program that uses it, when known.
    """
    if is_taken(port):
        raise OpsError(
            f"Port {port}, where {service} listens, is in use{f' by {owner}' if owner else ''}. "
            f"Stop that program, or choose another port: {variable(service)}={port + 1000} make up"
        )
