"""Measurements and replays of the whole system, side by side with what others use."""
