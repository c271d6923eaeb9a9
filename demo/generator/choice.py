"""Which products somebody buys or looks at."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from demo.catalogue import Catalogue, Product
from demo.generator.behaviours import Habits

#: What is made for something already bought sells better, what is already owned sells worse.
_ACCESSORY_OWNED, _ACCESSORY_ALONE, _AGAIN = 6.0, 0.35, 0.15
_TYPICAL_PENCE = 6000.0


class Shelf:
    """The catalogue as arrays, for weighted choice."""

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        self.products: list[Product] = catalogue.products
        index = {product.sku: number for number, product in enumerate(self.products)}
        self.pence = [product.pence for product in self.products]
        self._price = np.array([pence / _TYPICAL_PENCE for pence in self.pence])
        self._category = [product.category for product in self.products]
        rank = np.random.default_rng([seed, 7]).permutation(len(self.products))
        self._popularity = 1.0 / np.sqrt(rank + 1.0)
        #: What each product is made for, and what is made for it.
        self.bases = [{index[base] for base in product.accessory_of} for product in self.products]
        self.accessories = [
            [number for number, bases in enumerate(self.bases) if base in bases]
            for base in range(len(self.products))
        ]
        self._superseded = np.ones(len(self.products))
        for product in self.products:
            for older in product.replaces:
                self._superseded[index[older]] = 0.5

    def leaning(self, habits: Habits) -> NDArray[np.float64]:
        """What one customer leans to, before they own anything."""
        taste = np.array([habits.tastes.get(category, 1.0) for category in self._category])
        weights = self._popularity * self._superseded * taste * self._price**habits.price_taste
        return np.asarray(weights)


class Basket:
    """What one customer takes off the shelf; each thing taken is owned from then on, and changes what they want.

    Attributes:
        weights: how much the customer wants each product now.
    """

    def __init__(self, shelf: Shelf, leaning: NDArray[np.float64]) -> None:
        self._shelf = shelf
        self._leaning: list[float] = leaning.tolist()
        self._owned: set[int] = set()
        self.weights = np.array([self._weight(number) for number in range(len(leaning))])

    def fill(self, count: int, rng: np.random.Generator) -> list[int]:
        """Take `count` different products, by number."""
        taken = draw(self.weights, count, rng)
        self.own(taken)
        return taken

    def own(self, numbers: Iterable[int]) -> None:
        """Count these among what is owned."""
        new = [number for number in numbers if number not in self._owned]
        self._owned.update(new)
        # Only what is new and what is made for it weighs something else now.
        for number in new:
            for touched in (number, *self._shelf.accessories[number]):
                self.weights[touched] = self._weight(touched)

    def _weight(self, number: int) -> float:
        weight, bases = self._leaning[number], self._shelf.bases[number]
        if bases:
            weight *= _ACCESSORY_ALONE if bases.isdisjoint(self._owned) else _ACCESSORY_OWNED
        return weight * _AGAIN if number in self._owned else weight


def draw(weights: NDArray[np.float64], count: int, rng: np.random.Generator) -> list[int]:
    """`count` different numbers, by weight: the largest exponential keys (Efraimidis and Spirakis, 2006)."""
    keys = rng.standard_exponential(len(weights)) / weights
    if count == 1:
        return [int(keys.argmin())]
    return keys.argpartition(count)[:count].tolist() if count < len(weights) else list(range(len(weights)))
