"""An export as a page that people can read."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from profiles.rights.export import Document

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_BECAUSE = {
    "contract": "needed to serve you",
    "consent": "you allowed it",
    "legal obligation": "the law asks for it",
    "legitimate interest": "we need it to run the service",
}


def page(document: Document) -> str:
    """The whole export as one HTML page without scripts."""
    sections = [
        {
            **store,
            "id": f"store-{number}",
            "because": _BECAUSE.get(store.get("basis", "")),
            "columns": _columns(store["rows"]),
        }
        for number, store in enumerate(document["stores"], start=1)
        if store["rows"]
    ]
    empty = [store["about"] for store in document["stores"] if not store["rows"]]
    return _PAGES.get_template("export.html").render(document=document, sections=sections, empty=empty)


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    """The columns in which any row has something."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [name for name in names if any(row.get(name) not in (None, "", {}, []) for row in rows)]


def _words(name: str) -> str:
    """A column's name as a heading."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return spaced.replace("_", " ").strip().capitalize()


_PAGES.filters["words"] = _words
