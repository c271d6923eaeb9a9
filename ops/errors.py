"""The one error that the launcher shows to people."""


class OpsError(Exception):
    """Something that stops the launcher: one line that says what happened and what to do."""
