"""The declared stores as a table for people: the record of processing (GDPR 30)."""

from profiles.rights.stores import FileStore, RedisStore, Stores, TableStore

_ERASED = {"delete": "deleted", "pseudonymise": "put under a pseudonym", "keep": "kept"}


def register(stores: Stores) -> str:
    """A Markdown table: what is held, for what, on which ground, how long, and what erasure does."""
    lines = [
        "| where | what | purpose, ground | kept | at erasure |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(_cells(store))} |" for store in stores.places()]
    return "\n".join(lines)


def _cells(store: TableStore | RedisStore | FileStore) -> tuple[str, ...]:
    match store:
        case TableStore():
            kept = store.kept or "until the customer is erased"
            if store.retention is not None:
                kept = f"{store.retention.days} days"
            erased = _ERASED[store.erase]
            if store.until is not None:
                erased += f", until {store.until}"
            purpose = f"{store.purpose}, {store.basis}"
        case RedisStore():
            purpose, kept, erased = "service, contract", store.retention, "deleted"
        case FileStore():
            purpose, kept = "service, legitimate interest", f"{store.retention_days} days"
            erased = "deleted" if store.kind == "lake" else "ids overwritten"
    return store.title, store.about, purpose, kept, erased
