"""A port in use gives one line that says which, by whom, and what to do."""

import os
import socket
from collections.abc import Iterator

import pytest

from ops.errors import OpsError
from ops.ports import DEFAULTS, check_port, configured_ports, free_ports, is_taken
from ops.processes import port_owner


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_in_use_is_told_with_another_to_choose(taken_port: int) -> None:
    with pytest.raises(OpsError) as error:
        check_port("web", taken_port, "python, process 12")
    assert str(error.value) == (
        f"Port {taken_port}, where web listens, is in use by python, process 12. "
        f"Stop that program, or choose another port: RAPPORT_WEB_PORT={taken_port + 1000} make up"
    )


def test_the_program_on_a_port_is_found(taken_port: int) -> None:
    assert port_owner(taken_port).endswith(f"process {os.getpid()}")


def test_free_ports_are_free_and_differ() -> None:
    ports = free_ports(DEFAULTS)
    assert len(set(ports.values())) == len(DEFAULTS)
    assert not any(is_taken(port) for port in ports.values())


def test_a_port_is_set_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_WEB_PORT", "9090")
    assert configured_ports() == {**DEFAULTS, "web": 9090}


@pytest.mark.parametrize(
    ("value", "message"), [("eighty", "set it to a port"), ("5055", "both set to port 5055")]
)
def test_a_port_that_can_not_be_is_refused(monkeypatch: pytest.MonkeyPatch, value: str, message: str) -> None:
    monkeypatch.setenv("RAPPORT_WEB_PORT", value)
    with pytest.raises(OpsError, match=message):
        configured_ports()
