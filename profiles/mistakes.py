"""What goes wrong because of what was given: a file, a declaration, an id."""


class Mistake(Exception):
    """Whoever gave it can mend it; the words say what, and never show a value of a person."""
