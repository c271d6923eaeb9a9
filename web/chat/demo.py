"""The demo: personas of the made-up shop, and the page on which one chats as them."""

from functools import lru_cache
from pathlib import Path

import yaml
from fastapi import APIRouter
from fastapi.responses import FileResponse

from common.problems import Problem
from web.chat.routes import OfApp
from web.chat.schemas import Personas

DEMO_FOLDER = Path(__file__).resolve().parents[1] / "demo"

router = APIRouter(tags=["demo"])


@lru_cache(maxsize=4)
def read_personas(file: Path) -> Personas:
    """The personas of a YAML file with the list `personas`.

    Raises:
        OSError, ValueError: when there is no such file or it does not hold personas.
    """
    return Personas.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


@router.get("/api/demo/personas")
def list_personas(service: OfApp) -> Personas:
    """Customers of the demo shop that a visitor may chat as."""
    try:
        return read_personas(service.settings.personas_file)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Problem(
            503, "no-personas", f"The demo's personas can't be read ({type(error).__name__})."
        ) from error


@router.get("/", include_in_schema=False)
def demo_page() -> FileResponse:
    return FileResponse(DEMO_FOLDER / "index.html")
