"""Entries of streams as Redis, or whatever is in its place, holds them: sealed as a whole."""

from profiles.crypto import DIRECT, WITH_KEY, Unreadable, Vault

_CONTEXT = ("rapport:events", "entry")
_SEALED = (DIRECT, WITH_KEY)


def seal_entry(vault: Vault, content: bytes) -> bytes:
    """An entry, sealed; what is sealed already (it did not open a moment ago) stays as it is."""
    return content if content.startswith(_SEALED) else vault.seal_bytes(*_CONTEXT, content)


def open_entry(vault: Vault, entry: bytes) -> bytes:
    """What was sealed. What does not open, and an entry from before entries were sealed, is given as it is."""
    if not entry.startswith(_SEALED):
        return entry
    try:
        return vault.open_bytes(*_CONTEXT, entry)
    except Unreadable:
        return entry
