"""`python -m web serve`: the conversation server, the widget and the demo page."""

import argparse
import socket
import sys

import uvicorn

from common import logs, settings
from web.chat.app import create_app
from web.chat.settings import ChatSettings, is_loopback


def listen(host: str, port: int) -> socket.socket:
    """A socket on which this process alone listens.

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
            f"web: can't listen on {host}:{port} ({error.strerror}). End what uses it, or set RAPPORT_WEB_PORT."
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


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m web", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve until Ctrl-C (settings: docs/contracts.md)")
    parser.parse_args(arguments)
    serve()


if __name__ == "__main__":
    main(sys.argv[1:])
