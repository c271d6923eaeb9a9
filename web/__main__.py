"""`python -m web serve`: the conversation server, the widget and the demo page; `console`: that of the staff;
`staff`: their accounts."""

import argparse
import socket
import sys

import uvicorn

from common import logs, settings
from web.agents import commands as staff
from web.chat.app import create_app
from web.chat.settings import ChatSettings, is_loopback


def listen(host: str, port: int, variable: str = "RAPPORT_WEB_PORT") -> socket.socket:
    """A socket on which this process alone listens.

    Args:
        variable: what sets the port, to be named when it is taken.

    Raises:
        SystemExit: with one line when the port is taken or the host is not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise SystemExit(
            f"web: can't listen on {host}:{port} ({error.strerror}). End what uses it, or set {variable}."
        ) from None
    return listening


def serve() -> None:
    """Serve until told to stop.

    Raises:
        SystemExit: with one line when settings, port or, in demo mode, the host are not usable.
    """
    chosen = settings.load(ChatSettings)
    if chosen.demo and not is_loopback(chosen.web_host):
        raise SystemExit(
            f"web: demo mode lets anyone chat as any customer, so it listens on this machine only, not on "
            f"{chosen.web_host}. Set RAPPORT_WEB_HOST=127.0.0.1, or RAPPORT_DEMO=0."
        )
    logs.configure("web")
    config = uvicorn.Config(
        create_app(chosen),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        ws_max_size=64 * 1024,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listen(chosen.web_host, chosen.web_port)])


def console() -> None:
    """Serve the console until told to stop.

    Raises:
        SystemExit: with one line when settings or port are not usable.
    """
    # NiceGUI takes a second to import, which the conversation server does not need.
    from web.console.app import create_app as create_console  # noqa: PLC0415
    from web.console.settings import ConsoleSettings  # noqa: PLC0415

    chosen = settings.load(ConsoleSettings)
    logs.configure("console")
    config = uvicorn.Config(
        create_console(chosen),
        log_config=None,
        # Not a line for each opened page, with the number by which NiceGUI knows it.
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    listening = listen(chosen.console_host, chosen.console_port, "RAPPORT_CONSOLE_PORT")
    uvicorn.Server(config).run(sockets=[listening])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m web", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve until Ctrl-C (settings: docs/contracts.md)")
    commands.add_parser("console", help="serve the console of agents and trainers until Ctrl-C")
    staff.add_commands(commands)
    chosen = parser.parse_args(arguments)
    match chosen.command:
        case "staff":
            staff.run(chosen)
        case "console":
            console()
        case _:
            serve()


if __name__ == "__main__":
    main(sys.argv[1:])
