"""Customers over HTTP: at a glance, their contacts page by page, many at once."""
