"""Signed statements of where the chain stood, kept in the database and in a file outside it.

Whoever can change the database can compute a new chain after an edit, but not sign it.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.audit.tables import AuditCheckpoint

#: Part of what is signed, so that the signature can't be taken for one of something else.
MEANING = b"rapport audit checkpoint 1\x00"


class UnusableAuditKey(ValueError):
    """The signing key can't be used; the message holds no key."""


class UnreadableCheckpoints(ValueError):
    """A line of the checkpoint file is no checkpoint."""


@dataclass(frozen=True)
class Checkpoint:
    """The chain had `hash` at entry `sequence`."""

    sequence: int
    hash: bytes
    at: datetime
    key_id: str
    signature: bytes


@dataclass(frozen=True)
class Keys:
    """The private key that signs, and the public keys that check, by their ids."""

    signing: Ed25519PrivateKey
    signing_id: str
    public: Mapping[str, Ed25519PublicKey]

    def sign(self, sequence: int, digest: bytes) -> Checkpoint:
        """Vouch for the chain as it is now."""
        at = datetime.now(UTC)
        signature = self.signing.sign(_signed(sequence, digest, at))
        return Checkpoint(sequence, digest, at, self.signing_id, signature)

    def vouched(self, checkpoint: Checkpoint) -> bool:
        """Whether a key that is known here has signed just this."""
        public = self.public.get(checkpoint.key_id)
        if public is None:
            return False
        try:
            public.verify(checkpoint.signature, _signed(checkpoint.sequence, checkpoint.hash, checkpoint.at))
        except InvalidSignature:
            return False
        return True


def keys_of(seeds: Sequence[bytes]) -> Keys:
    """Keys from their 32-byte seeds; the first one signs."""
    private = [Ed25519PrivateKey.from_private_bytes(seed) for seed in seeds]
    public = {_key_id(key.public_key()): key.public_key() for key in private}
    return Keys(private[0], _key_id(private[0].public_key()), public)


async def keep(connection: AsyncConnection, file: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint to the file first, then to the database; one of the same entry stays as it was."""
    _append(file, checkpoint)
    statement = insert(AuditCheckpoint).values(
        sequence=checkpoint.sequence,
        hash=checkpoint.hash,
        at=checkpoint.at,
        key_id=checkpoint.key_id,
        signature=checkpoint.signature,
    )
    await connection.execute(statement.on_conflict_do_nothing())


async def in_database(connection: AsyncConnection) -> list[Checkpoint]:
    """The checkpoints of the database, oldest first."""
    rows = (await connection.execute(select(AuditCheckpoint).order_by(AuditCheckpoint.sequence))).all()
    return [Checkpoint(r.sequence, bytes(r.hash), r.at, r.key_id, bytes(r.signature)) for r in rows]


def in_file(file: Path) -> list[Checkpoint]:
    """The checkpoints of the file, as they were written; none when there is no file.

    Raises:
        UnreadableCheckpoints
    """
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        try:
            said = json.loads(line)
            found.append(
                Checkpoint(
                    sequence=int(said["sequence"]),
                    hash=bytes.fromhex(said["hash"]),
                    at=datetime.fromisoformat(said["at"]),
                    key_id=str(said["key_id"]),
                    signature=base64.b64decode(said["signature"], validate=True),
                )
            )
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise UnreadableCheckpoints(f"{file}, line {number}: not a checkpoint") from None
    return found


def _append(file: Path, checkpoint: Checkpoint) -> None:
    line = json.dumps(
        {
            "sequence": checkpoint.sequence,
            "hash": checkpoint.hash.hex(),
            "at": checkpoint.at.isoformat(),
            "key_id": checkpoint.key_id,
            "signature": base64.b64encode(checkpoint.signature).decode(),
        }
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as opened:
        opened.write(line + "\n")
        opened.flush()
        os.fsync(opened.fileno())


def _signed(sequence: int, digest: bytes, at: datetime) -> bytes:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return MEANING + json.dumps([sequence, digest.hex(), moment], separators=(",", ":")).encode()


def _key_id(public: Ed25519PublicKey) -> str:
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]
