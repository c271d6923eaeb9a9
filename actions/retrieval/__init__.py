"""Answers from the pages of the help centre: pages to passages, passages found by meaning and by words."""
