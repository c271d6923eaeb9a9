"""The demo: personas of the made-up shop, and the page on which one chats as them."""

from functools import lru_cache
from pathlib import Path

import yaml
from fastapi import APIRouter
from fastapi.responses import FileResponse

from common.problems import Problem
from web.chat.routes import OfApp
from web.chat.schemas import Personas, Products

DEMO_FOLDER = Path(__file__).resolve().parents[1] / "demo"

#: On the shelf of the page: one of each of so many categories.
ON_SHELF = 6

router = APIRouter(tags=["demo"])


@lru_cache(maxsize=4)
def read_personas(file: Path) -> Personas:
    """The personas of a YAML file with the list `personas`.

    Raises:
        OSError, ValueError: when there is no such file or it does not hold personas.
    """
    return Personas.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


@lru_cache(maxsize=4)
def read_shelf(file: Path) -> Products:
    """The first product of each category in a YAML file with the list `products`, as many as go on the shelf.

    Raises:
        OSError, ValueError: when there is no such file or it does not hold products.
    """
    read = Products.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    firsts = {product.category: product for product in reversed(read.products)}
    shown = [product for product in read.products if firsts[product.category] is product]
    return Products(products=shown[:ON_SHELF])


@router.get("/api/demo/products")
def list_products(service: OfApp) -> Products:
    """Products that a visitor of the page may look at and put into the basket."""
    try:
        return read_shelf(service.settings.catalogue_file)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Problem(
            503, "no-products", f"The demo's products can't be read ({type(error).__name__})."
        ) from error


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
