"""`clients`: who may get tokens."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, get_args

from sqlalchemy.exc import IntegrityError

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.commands.stores import with_store
from profiles.keys import Role
from profiles.protocol import utc_text
from profiles.security.clients import add_client, all_clients, revoke_client
from profiles.store import Store


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "clients", help="who may get tokens at /oauth/token: add, list, revoke"
    )
    steps = parser.add_subparsers(required=True)
    add = steps.add_parser("add", help="add a client; its secret is shown once, and only here")
    add.add_argument("client_id", metavar="ID")
    add.add_argument("--role", required=True, choices=get_args(Role))
    add.add_argument("--customer", metavar="ID", help="whose it is, for the role customer")
    add.set_defaults(step=_add)
    steps.add_parser("list", help="all clients").set_defaults(step=_list)
    revoke = steps.add_parser("revoke", help="end a client; its tokens open nothing a few seconds later")
    revoke.add_argument("client_id", metavar="ID")
    revoke.set_defaults(step=_revoke)
    return parser


def run(options: argparse.Namespace) -> int:
    """Run one of them."""
    step: Callable[[Store, argparse.Namespace], Awaitable[int]] = options.step
    return asyncio.run(with_store(lambda store: step(store, options)))


async def _add(store: Store, options: argparse.Namespace) -> int:
    if (options.role == "customer") != (options.customer is not None):
        raise SystemExit("profiles: --customer goes with the role customer, and only with it")
    by = acting()
    try:
        async with store.engine.begin() as connection:
            secret = await add_client(connection, options.client_id, options.role, options.customer)
            entry = Entry(by.who, "clients", None, f"added {options.client_id} as {options.role}")
            await note(connection, [entry])
    except IntegrityError:
        raise SystemExit(f"profiles: there is a client {options.client_id}; ids are not used twice") from None
    print(secret)
    return 0


async def _list(store: Store, _options: argparse.Namespace) -> int:
    async with store.engine.connect() as connection:
        clients = await all_clients(connection)
    for client in clients:
        role = f"{client.role} {client.customer_id}" if client.customer_id else client.role
        ended = f", revoked {utc_text(client.revoked_at)}" if client.revoked_at else ""
        print(f"{client.client_id}: {role}, added {utc_text(client.created_at)}{ended}")
    return 0


async def _revoke(store: Store, options: argparse.Namespace) -> int:
    by = acting()
    async with store.engine.begin() as connection:
        if not await revoke_client(connection, options.client_id):
            raise SystemExit(f"profiles: there is no client {options.client_id} to revoke")
        await note(connection, [Entry(by.who, "clients", None, f"revoked {options.client_id}")])
    print(f"{options.client_id} is revoked")
    return 0
