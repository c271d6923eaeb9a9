"""`python -m web staff …`: the accounts of those who work here."""

import argparse
import asyncio
import contextlib
import getpass
import re
import sys
from collections.abc import Awaitable, Callable
from typing import get_args

from pydantic import Field, SecretStr

from common import settings
from common.settings import EnvironmentSettings
from web.agents import passwords
from web.agents.access import normal
from web.agents.audit import Action, Audit, Entry
from web.agents.schemas import StaffRole
from web.agents.staff import Account, NameTaken, StaffRecords
from web.chat.database import Database, DatabaseUnavailable
from web.chat.ownership import Change, ChangeRefused
from web.chat.records import Records

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
#: The staff of the demo: what they sign in with, and what customers read.
DEMO_STAFF: tuple[tuple[StaffRole, str], ...] = (("agent", "Sam"), ("trainer", "Toni"), ("admin", "Alex"))


class StaffSettings(EnvironmentSettings):
    database_url: str = Field(validation_alias="DATABASE_URL")
    #: The password of the demo's accounts, read by `seed` alone.
    staff_password: SecretStr | None = None


class Office:
    """The accounts as the commands change them."""

    def __init__(self, database: Database) -> None:
        self._staff = StaffRecords(database)
        self._audit = Audit(database)
        self._records = Records(database)

    async def add(self, name: str, display_name: str, role: StaffRole, password: str) -> str:
        name, display_name = _checked(name), display_name.strip()
        if not (0 < len(display_name) <= 60 and display_name.isprintable()):
            raise SystemExit("web: a display name has 1 to 60 characters on one line; customers read it.")
        try:
            account = await self._staff.add(name, display_name, role, passwords.hashed(password))
        except NameTaken:
            raise SystemExit(
                f"web: there is an account '{name}' already. `python -m web staff list` shows all."
            ) from None
        await self._write(account, Action.STAFF_ADDED)
        return f"Added {account.name} ({role}), shown to customers as {display_name}."

    async def list_all(self) -> str:
        lines = [
            f"{account.name:<20} {account.role:<8} {'disabled' if account.is_disabled else 'active':<9} "
            f"{account.display_name}"
            for account in await self._staff.all()
        ]
        return (
            "\n".join(lines) or "There are no accounts. `python -m web staff add NAME --role agent` adds one."
        )

    async def disable(self, name: str) -> str:
        """Nobody who was spoken to is forgotten: these conversations wait for another agent."""
        account, _ = await self._find(name)
        await self._staff.disable(account.staff_id)
        await self._write(account, Action.STAFF_DISABLED)
        queued = 0
        for conversation_id in await self._staff.has_now(account.staff_id):
            with contextlib.suppress(ChangeRefused):  # ended meanwhile
                reason = {"reason": Change.AGENT_GONE.value}
                await self._records.change_owner(conversation_id, Change.AGENT_GONE, reason)
                queued += 1
        return (
            f"{account.name} can't sign in any more and was signed out everywhere. "
            f"Conversations that wait for another agent now: {queued}."
        )

    async def change_password(self, name: str, password: str) -> str:
        account, _ = await self._find(name)
        await self._set(account, password)
        return f"The password of {account.name} was changed; {account.name} was signed out everywhere."

    async def seed(self, password: str) -> str:
        """The demo's accounts, with this password. What fits already is left alone."""
        for role, display_name in DEMO_STAFF:
            found = await self._staff.find(role)
            if found is None:
                await self.add(role, display_name, role, password)
            elif not await passwords.is_right(found[1], password):
                await self._set(found[0], password)
        return f"Accounts of the demo: {', '.join(role for role, _ in DEMO_STAFF)}."

    async def _set(self, account: Account, password: str) -> None:
        await self._staff.set_password(account.staff_id, passwords.hashed(password))
        await self._staff.end_sessions(account.staff_id)
        await self._write(account, Action.PASSWORD_CHANGED)

    async def _find(self, name: str) -> tuple[Account, str]:
        found = await self._staff.find(normal(name))
        if found is None:
            raise SystemExit(f"web: there is no account '{name}'. `python -m web staff list` shows all.")
        return found

    async def _write(self, account: Account, action: Action) -> None:
        await self._audit.write(
            Entry("command line", action, account.staff_id, reason=f"account {account.name}")
        )


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `staff` with what it can do."""
    staff = commands.add_parser("staff", help="accounts of agents, trainers and administrators")
    acts = staff.add_subparsers(dest="act", required=True)
    new = acts.add_parser("add", help="a new account")
    new.add_argument("name")
    new.add_argument("--role", choices=get_args(StaffRole), required=True)
    new.add_argument("--display-name", help="what customers read (the name, capitalised)")
    change = acts.add_parser("password", help="another password; ends all sessions")
    change.add_argument("name")
    for parser in (new, change):
        parser.add_argument("--generate", action="store_true", help="make a password up and print it once")
    acts.add_parser("list", help="all accounts")
    acts.add_parser("disable", help="an account that opens nothing any more").add_argument("name")
    acts.add_parser("seed", help="the demo's accounts, with the password in RAPPORT_STAFF_PASSWORD")


def run(asked: argparse.Namespace) -> None:
    """Do what was asked and say so.

    Raises:
        SystemExit: with one line that says what is wrong.
    """
    read = settings.load(StaffSettings)
    try:
        match asked.act:
            case "add":
                shown = asked.display_name or asked.name.strip().capitalize()
                password, note = _new_password(asked.generate)
                line = _with(read, lambda office: office.add(asked.name, shown, asked.role, password)) + note
            case "password":
                password, note = _new_password(asked.generate)
                line = _with(read, lambda office: office.change_password(asked.name, password)) + note
            case "disable":
                line = _with(read, lambda office: office.disable(asked.name))
            case "seed":
                if read.staff_password is None:
                    raise SystemExit(
                        "web: set RAPPORT_STAFF_PASSWORD to the password of the demo's accounts."
                    )
                kept = read.staff_password.get_secret_value()
                line = _with(read, lambda office: office.seed(kept))
            case _:
                line = _with(read, Office.list_all)
    except passwords.PasswordTooShort as error:
        raise SystemExit(f"web: {error}") from None
    except DatabaseUnavailable:
        raise SystemExit(
            "web: the database does not answer. Is it running, and DATABASE_URL right?"
        ) from None
    print(line)


def _with(read: StaffSettings, act: Callable[[Office], Awaitable[str]]) -> str:
    async def work() -> str:
        database = Database(read.database_url)
        try:
            return await act(Office(database))
        finally:
            await database.close()

    return asyncio.run(work())


def _checked(name: str) -> str:
    wanted = normal(name)
    if not _NAME.fullmatch(wanted):
        raise SystemExit(
            "web: a name has 2 to 40 letters a-z, digits, dots, hyphens or underscores, and begins with a letter or digit."
        )
    return wanted


def _new_password(generate: bool) -> tuple[str, str]:
    """From the terminal, where it does not show, else the first line of stdin; or made up: then it is to be shown,
    this once, in the line that is the second value."""
    if generate:
        password = passwords.made_up()
        return password, f"\nPassword: {password}"
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n"), ""
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise SystemExit("web: these are two different passwords. Nothing was changed.")
    return password, ""
