"""A seeded world of customers: the same seed, day and number give the same bytes."""

from demo.generator.world import generate

__all__ = ["generate"]
