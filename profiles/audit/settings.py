"""Where checkpoints of the audit log are kept, and what signs them."""

import base64
import binascii
import os
from pathlib import Path

from pydantic import SecretStr

from common.settings import EnvironmentSettings
from profiles.audit.checkpoints import Keys, UnusableAuditKey, keys_of

SEED_BYTES = 32
REPOSITORY = Path(__file__).parents[2]


class AuditSettings(EnvironmentSettings):
    """`RAPPORT_AUDIT_KEY` holds base64 of 32 bytes; more of them, by commas, are earlier keys that still check.

    Without it a key is made once and kept in `RAPPORT_STATE`, which is good enough for one machine.
    """

    state: Path = REPOSITORY / ".rapport"
    audit_key: SecretStr | None = None
    audit_file: Path | None = None

    def file(self) -> Path:
        """The checkpoints outside the database."""
        return self.audit_file or self.state / "audit" / "checkpoints.jsonl"

    def keys(self) -> Keys:
        """What signs and checks.

        Raises:
            UnusableAuditKey
        """
        if self.audit_key is None:
            return keys_of([_kept(self.state / "audit" / "signing.key")])
        try:
            seeds = [
                base64.b64decode(part.strip(), validate=True)
                for part in self.audit_key.get_secret_value().split(",")
            ]
        except binascii.Error:
            raise UnusableAuditKey("RAPPORT_AUDIT_KEY is not base64") from None
        if any(len(seed) != SEED_BYTES for seed in seeds):
            raise UnusableAuditKey(f"RAPPORT_AUDIT_KEY must be base64 of {SEED_BYTES} bytes")
        return keys_of(seeds)


def _kept(file: Path) -> bytes:
    """The seed in `file`, made when there is none; readable by its owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        seed = file.read_bytes()
        if len(seed) != SEED_BYTES:
            raise UnusableAuditKey(f"{file} is damaged; restore it from a copy") from None
        return seed
    seed = os.urandom(SEED_BYTES)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(seed)
    return seed
