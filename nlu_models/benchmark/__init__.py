"""Measurements on public data sets and on our own, with the bars that they must reach."""
