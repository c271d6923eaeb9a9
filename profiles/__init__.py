"""Customers: identity, attributes, consent, conditions, segments. Others import `client` and `conditions` only."""
