"""Passwords and keys of this installation: made once, kept in a file that only its owner reads."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ops.errors import OpsError


@dataclass(frozen=True)
class Keys:
    """Each is a random string of its own; `data` is base64 of 32 bytes (docs/contracts.md)."""

    postgres: str
    database: str
    redis: str
    data: str
    token: str
    shop: str
    actions: str
    bot: str
    profiles_read: str
    profiles_write: str
    profiles_agent: str
    #: For people and programs that look at figures of the data (`/quality`, `/metrics`).
    profiles_analyst: str
    #: Signs the console's cookies.
    console: str
    #: The password of the demo's staff.
    staff: str

    def __repr__(self) -> str:
        return "Keys(…)"


def load_or_make(folder: Path) -> Keys:
    """The keys in `folder/secrets.json`; those that it lacks are made and added.

    Raises:
        OpsError: when the file is there but can't be used: new keys would lock out the data.
    """
    file = folder / "secrets.json"
    known: dict[str, str] = {}
    if file.exists():
        try:
            known = {str(name): str(value) for name, value in json.loads(file.read_text()).items()}
        except (ValueError, AttributeError):
            raise OpsError(
                f"{file} can't be read. Restore it from a copy; without it the local data is lost: "
                "then run `make clean` and begin anew."
            ) from None
    keys = Keys(**{field.name: known.get(field.name) or _make(field.name) for field in fields(Keys)})
    if asdict(keys) != known:
        _write(file, keys)
    file.chmod(0o600)
    return keys


def _make(name: str) -> str:
    if name == "data":
        return base64.b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_urlsafe(32)


def _write(file: Path, keys: Keys) -> None:
    """Replace the file in one move, never readable by others."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(json.dumps(asdict(keys), indent=1) + "\n")
    new.replace(file)
