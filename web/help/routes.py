"""`/help/` lists the pages, `/help/SLUG` shows one."""

from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from common.help_pages import HelpPage, PageFault, read_help_pages
from common.problems import Problem
from web.chat.settings import REPOSITORY
from web.help.rendering import sections_of, to_html

FOLDER = Path(__file__).parent
ASSETS = FOLDER / "assets"
DATA = REPOSITORY / "data"

router = APIRouter(prefix="/help", include_in_schema=False)
_templates = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True)


@lru_cache(maxsize=4)
def pages_of(data: Path) -> dict[str, HelpPage]:
    """The pages of this folder, read once in the life of the process.

    Raises:
        PageFault, OSError: they can't be read.
    """
    return read_help_pages(data)


@router.get("/", response_class=HTMLResponse)
def show_all() -> HTMLResponse:
    pages = sorted(_pages().values(), key=lambda page: page.title)
    return HTMLResponse(_templates.get_template("all.html").render(pages=pages))


@router.get("/{slug}", response_class=HTMLResponse)
def show(slug: str) -> HTMLResponse:
    page = _pages().get(slug)
    if page is None:
        return HTMLResponse(_templates.get_template("unknown.html").render(), status_code=404)
    # What `to_html` gives is clean already.
    text = Markup(to_html(page.text))  # noqa: S704
    return HTMLResponse(
        _templates.get_template("page.html").render(page=page, text=text, sections=sections_of(page.text))
    )


def _pages() -> dict[str, HelpPage]:
    try:
        return pages_of(DATA)
    except (PageFault, OSError) as error:
        raise Problem(503, "no-help-pages", "The help pages can't be shown just now.") from error
