"""Fills the shop's tables and the profile service with the generated world."""

from demo.seed.run import seed

__all__ = ["seed"]
