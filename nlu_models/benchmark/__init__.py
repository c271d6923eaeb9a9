"""Measurements on public data sets."""
