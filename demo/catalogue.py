"""The products of the shop."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from demo.content import DATA, Content, read

PATH = DATA / "catalog" / "products.yml"

Sku = Annotated[str, Field(pattern=r"^HV-[A-Z]{2}-\d{2}$")]
Attribute = str | int | float | bool | list[str] | list[int]


class Product(Content):
    """One product; `aliases` are what customers call it, `stock` is in pieces, `price` in `currency`."""

    sku: Sku
    name: str
    aliases: list[str]
    category: str
    price: float = Field(gt=0)
    currency: Literal["GBP"]
    attributes: dict[str, Attribute]
    stock: int = Field(ge=0)
    warranty_months: int = Field(ge=0)
    accessory_of: list[Sku]
    replaces: list[Sku]
    description: str

    @property
    def pence(self) -> int:
        return round(self.price * 100)


class Catalogue(Content):
    version: Literal[1]
    products: list[Product]

    @model_validator(mode="after")
    def _relations_lead_somewhere(self) -> Self:
        skus = [product.sku for product in self.products]
        if len(set(skus)) != len(skus):
            raise ValueError("a sku occurs twice")
        for product in self.products:
            for other in (*product.accessory_of, *product.replaces):
                if other not in skus or other == product.sku:
                    raise ValueError(f"{product.sku} refers to {other}, which is no other product")
        return self

    def by_sku(self) -> dict[str, Product]:
        return {product.sku: product for product in self.products}

    def accessories(self, sku: str) -> list[Product]:
        """What is made to be used with `sku`."""
        return [product for product in self.products if sku in product.accessory_of]


@cache
def load_catalogue(path: Path = PATH) -> Catalogue:
    """Read the catalogue once per process.

    Raises:
        ValueError: the file is not a catalogue.
    """
    return read(path, Catalogue)
