"""The order API of the demo shop, as docs/contracts.md describes it."""

from demo.shop.app import create_app

__all__ = ["create_app"]
