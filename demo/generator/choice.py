"""Which products somebody buys or looks at."""

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
        self._price = np.array([product.pence / _TYPICAL_PENCE for product in self.products])
        self._category = [product.category for product in self.products]
        rank = np.random.default_rng([seed, 7]).permutation(len(self.products))
        self._popularity = 1.0 / np.sqrt(rank + 1.0)
        #: accessory[i, j]: product i is made for product j
        self._accessory = np.zeros((len(self.products), len(self.products)), dtype=bool)
        for product in self.products:
            for base in product.accessory_of:
                self._accessory[index[product.sku], index[base]] = True
        self._is_accessory = self._accessory.any(axis=1)
        self._superseded = np.ones(len(self.products))
        for product in self.products:
            for older in product.replaces:
                self._superseded[index[older]] = 0.5

    def leaning(self, habits: Habits) -> NDArray[np.float64]:
        """What one customer leans to, before they own anything."""
        taste = np.array([habits.tastes.get(category, 1.0) for category in self._category])
        weights = self._popularity * self._superseded * taste * self._price**habits.price_taste
        return np.asarray(weights)

    def pick(
        self, leaning: NDArray[np.float64], owned: set[int], count: int, rng: np.random.Generator
    ) -> list[int]:
        """`count` different products, by number, for one who owns `owned`."""
        weights = np.where(self._is_accessory, leaning * _ACCESSORY_ALONE, leaning)
        if owned:
            have = list(owned)
            weights = np.where(self._accessory[:, have].any(axis=1), leaning * _ACCESSORY_OWNED, weights)
            weights[have] *= _AGAIN
        return draw(weights, count, rng)


def draw(weights: NDArray[np.float64], count: int, rng: np.random.Generator) -> list[int]:
    """`count` different numbers, by weight: the largest exponential keys (Efraimidis and Spirakis, 2006)."""
    keys = rng.exponential(size=len(weights)) / weights
    return (
        np.argpartition(keys, count)[:count].tolist() if count < len(weights) else list(range(len(weights)))
    )
