"""Addresses of the trainers' pages."""

from urllib.parse import quote, urlencode

from web.training.shapes import Fault


def of_file(path: str, line: int | None = None) -> str:
    """The editor of a whole file, at a line."""
    return f"/training/data/file?{urlencode({'path': path, **({'line': line} if line else {})})}"


def of_fault(fault: Fault) -> str | None:
    """The editor at a fault; null for one that is of no single file."""
    return of_file(fault.path, fault.line) if fault.path.endswith(".yml") else None


def of_intent(name: str) -> str:
    return f"/training/data/intents/{quote(name)}"


def of_mood(name: str) -> str:
    return f"/training/data/moods/{quote(name)}"


def of_reply(name: str) -> str:
    return f"/training/replies/{quote(name)}"


def of_model(model_id: str) -> str:
    return f"/training/models/{quote(model_id)}"


def of_report(model_id: str) -> str:
    return f"/training/reports/{quote(model_id)}"
