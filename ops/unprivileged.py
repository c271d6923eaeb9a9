"""Running a server as somebody else when we are root, without adding a system user."""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OpsError

_SHARED = Path("/var/tmp")  # noqa: S108 - every folder made below is checked to be root's


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """The account `nobody` when we are root, else None: we are unprivileged already."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def can_run(account: Account, program: Path) -> bool:
    """Whether the account may reach and run `program`."""
    return _as(account, [str(program), "--version"])


def reachable_copy(installation: Path, account: Account) -> Path:
    """`installation`, or a copy of it that the account can reach (a checkout in /root is closed to it)."""
    if can_run(account, installation / "bin" / "postgres"):
        return installation
    package = installation.parent
    home = _own_folder(f"rapport-postgresql-{_short_hash(package)}")
    # The libraries lie beside the package and are found by a relative path.
    libraries = package.with_name(f"{package.name}.libs")
    copy = home / package.name / installation.name
    if not can_run(account, copy / "bin" / "postgres"):
        shutil.copytree(installation, copy, symlinks=True, dirs_exist_ok=True)
        if libraries.exists():
            shutil.copytree(libraries, home / libraries.name, dirs_exist_ok=True)
    if not can_run(account, copy / "bin" / "postgres"):
        raise OpsError(
            f"PostgreSQL refuses to run as root, and the user nobody can run it neither in {installation} nor in "
            f"{copy}. Run `make up` as an ordinary user, or set DATABASE_URL to a server of your own."
        )
    return copy


def reachable_folder(folder: Path, account: Account) -> Path:
    """`folder`, made and given to the account; elsewhere if the account can't reach it where it should be."""
    _give(folder, account)
    if _as(account, ["test", "-w", str(folder), "-a", "-x", str(folder)]):
        return folder
    folder.rmdir()
    elsewhere = _own_folder(f"rapport-data-{_short_hash(folder)}") / "data"
    _give(elsewhere, account)
    return elsewhere


def _give(folder: Path, account: Account) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    os.chown(folder, account.uid, account.gid)


def _own_folder(name: str) -> Path:
    """A folder of root's under /var/tmp that others may only pass through."""
    folder = _SHARED / name
    folder.mkdir(mode=0o711, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0:
        raise OpsError(f"{folder} belongs to somebody else. Remove it and run `make up` again.")
    folder.chmod(0o711)
    return folder


def _short_hash(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]


def _as(account: Account, command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command,
            cwd="/",
            check=False,
            capture_output=True,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
        )
    except OSError:
        return False
    return done.returncode == 0
