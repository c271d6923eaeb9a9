"""The shop's catalogue as the assistant speaks of it: facts of a product, differences, suggestions, stock."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from actions.wording import listed, pounds

#: So many or fewer are said to be "only a few left".
FEW = 10
#: So many products are suggested at once.
MOST_SUGGESTED = 3

_AGAINST = " against "
_WORDS = re.compile(r"[a-z0-9]+")
_UNITS = {
    **{word: word for word in ("hours", "minutes", "seconds", "months", "years")},
    **{"g": "g", "kg": "kg", "l": "l", "ml": "ml", "cm": "cm", "m": "m", "m2": "m²", "inch": "inches"},
    **{"hz": "Hz", "mah": "mAh", "gb": "GB", "mbps": "Mbit/s", "db": "dB", "k": "K", "c": "°C", "rpm": "rpm"},
    **{"bar": "bar"},
}
#: Beginnings of words by which customers ask for a fact → the part of its name that is meant.
_ASKED_BY = {
    "color": "colour",
    "heavy": "weight",
    "weigh": "weight",
    "watt": "wattage",
    "litre": "capacity",
    "waterproof": "water",
    "rain": "water",
    "bluetooth": "connection",
    "usb": "connection",
    "wired": "connection",
    "wireless": "connection",
    "compatib": "compatibility",
    "anc": "noise",
    "tall": "height",
    "big": "size",
    "dim": "dimmable",
    "made": "material",
    "last": "battery",
    "charge": "battery",
}


class Product(BaseModel):
    """A product as `data/catalog/products.yml` has it; price in pounds."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sku: str
    name: str
    aliases: list[str] = []
    category: str
    price: float
    attributes: dict[str, Any] = {}
    stock: int
    warranty_months: int
    accessory_of: list[str] = []
    description: str = ""


#: Words in names that tell no thing from another.
_GENERIC = re.compile(
    r"\b(machine|maker|player|set|case|pack|kit|tv|light|system|cover|stand|pad|cable)s?\b", re.I
)


def without_generic(words: str) -> str:
    """The words that tell things apart: of "sewing machine" the sewing."""
    return _GENERIC.sub(" ", words)


class Catalogue:
    """All products by their sku."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._products = {product.sku: product for product in products}

    @classmethod
    def load(cls, path: Path) -> "Catalogue":
        """Raises:
        OSError, ValueError: the file is missing or not of its shape.
        """
        return cls(
            Product.model_validate(product) for product in yaml.safe_load(path.read_text("utf-8"))["products"]
        )

    def product(self, sku: str | None) -> Product | None:
        return self._products.get(sku or "")

    def named(self, skus: Iterable[str]) -> list[Product]:
        """The products with these skus, each once, in their order; unknown ones are left out."""
        return [self._products[sku] for sku in dict.fromkeys(skus) if sku in self._products]

    def is_called(self, product: Product, words: str) -> bool:
        """Whether one of the product's names, or the last word of one, is among the words: "headphones"."""
        said = f" {' '.join(_WORDS.findall(words.lower()))} "
        names = {name.lower() for name in (product.name, *product.aliases)}
        ways = names | {name.split()[-1] for name in names if without_generic(name.split()[-1]).strip()}
        return any(
            f" {way} " in said or f" {way}s " in said or f" {way.removesuffix('s')} " in said for way in ways
        )

    def facts(self, product: Product) -> dict[str, str]:
        """What the catalogue says of it: name of the attribute → words."""
        return {key: self._fact(key, value) for key, value in product.attributes.items()}

    def asked_facts(self, product: Product, text: str) -> list[str]:
        """The facts that the words ask for; empty when none can be told to be meant."""
        words = _WORDS.findall(text.lower())
        asked = {part for begin, part in _ASKED_BY.items() if any(word.startswith(begin) for word in words)}
        asked.update(words)
        return [
            fact for key, fact in self.facts(product).items() if asked & (set(key.split("_")) - set(_UNITS))
        ]

    def differences(self, products: Sequence[Product]) -> list[str]:
        """In what they differ, one line a fact that all of them have; values stand in the order of the products."""
        shared = [key for key in products[0].attributes if all(key in other.attributes for other in products)]
        lines = ["Price: " + _AGAINST.join(pounds(product.price) for product in products)]
        for key in shared:
            facts = [self._fact(key, product.attributes[key]) for product in products]
            if len(set(facts)) > 1:
                name, _, _ = facts[0].partition(": ")
                lines.append(f"{name}: {_AGAINST.join(fact.partition(': ')[2] for fact in facts)}")
        return lines

    def suggestions(self, text: str, like: Product | None, budget: float | None) -> list[Product]:
        """Products in stock that the words ask for, at most `MOST_SUGGESTED`: best fit first, then the cheapest.

        Args:
            like: a product whose category is meant.
            budget: what one may cost at most, in pounds.
        """
        category = self.category_meant(text, like)
        words = {word for word in _WORDS.findall(text.lower()) if len(word) > 2}
        fitting = [
            product
            for product in self._products.values()
            if product.category == category
            and product.stock
            and (budget is None or product.price <= budget)
            and (not product.accessory_of or product == like)
        ]
        # A kettle is asked for by its name: then the other things for the kitchen are none.
        of_the_kind = [product for product in fitting if words & _words_of(product.name, *product.aliases)]
        chosen = of_the_kind or fitting
        chosen.sort(key=lambda product: (-len(words & _words_of(product.description)), product.price))
        return chosen[:MOST_SUGGESTED]

    def category_meant(self, text: str, like: Product | None) -> str | None:
        """The category of `like`, else the one that the words name, by itself or by one of its products."""
        if like is not None:
            return like.category
        said = f" {' '.join(_WORDS.findall(text.lower()))} "
        for product in self._products.values():
            for name in (product.category, *product.aliases):
                if f" {name} " in said or f" {name}s " in said:
                    return product.category
        return None

    def _fact(self, key: str, value: Any) -> str:
        words = key.split("_")
        unit = _UNITS.get(words[-1], "") if len(words) > 1 else ""
        if key == "wattage":
            unit = "W"
        name = " ".join(words[:-1] if unit and key != "wattage" else words).capitalize()
        if isinstance(value, bool):
            return f"{name}: {'yes' if value else 'no'}"
        if isinstance(value, list):
            return f"{name}: {listed([self._name(str(item)) for item in value])}"
        return f"{name}: {value} {unit}".rstrip()

    def _name(self, item: str) -> str:
        product = self.product(item)
        return product.name if product else item


def stock_state(product: Product) -> str:
    """`none`, `few` or `plenty`."""
    if product.stock == 0:
        return "none"
    return "few" if product.stock <= FEW else "plenty"


def card(catalogue: Catalogue, product: Product) -> dict[str, Any]:
    """The product as a card of docs/contracts.md."""
    stock = {"none": "Out of stock", "few": f"Only {product.stock} left", "plenty": "In stock"}
    return {
        "kind": "product",
        "product_id": product.sku,
        "title": product.name,
        "price": pounds(product.price),
        "lines": [
            product.description,
            *catalogue.facts(product).values(),
            f"Warranty: {product.warranty_months} months",
            stock[stock_state(product)],
        ],
    }


def _words_of(*texts: str) -> set[str]:
    """The words, and each without its plural s."""
    words = _WORDS.findall(" ".join(texts).lower())
    return {form for word in words if len(word) > 2 for form in (word, word.removesuffix("s"))}
