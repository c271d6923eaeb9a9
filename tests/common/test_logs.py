"""What a database says of a value that it refuses is not in the log."""

import sys

import pytest

from common.logs import format_error, mask_event


class RefusedByDatabase(Exception):
    """As psycopg's errors are."""

    sqlstate = "22007"


class WrappedError(Exception):
    """As SQLAlchemy's are: its text is that of the other, and the parameters."""

    def __init__(self, orig: Exception) -> None:
        super().__init__(f"{orig} [parameters: Kiln Lane]")
        self.orig = orig


REFUSED = RefusedByDatabase("invalid input syntax: Okafor\nDETAIL: Kiln Lane")


@pytest.mark.parametrize("error", [REFUSED, WrappedError(REFUSED)])
def test_of_an_error_of_a_database_only_the_code_is_told(error: Exception) -> None:
    told = mask_event(None, "", {"error": error})["error"]
    assert told == f"{type(error).__name__}: [SQLSTATE 22007]"


def test_nor_does_its_traceback_quote_it() -> None:
    try:
        try:
            raise REFUSED
        except RefusedByDatabase as error:
            raise WrappedError(error) from error
    except WrappedError:
        told = format_error(sys.exc_info())
    assert "Okafor" not in told
    assert "Lane" not in told
    assert told.endswith("WrappedError: [SQLSTATE 22007]")
    assert "test_logs.py" in told


def test_other_errors_say_what_they_say() -> None:
    assert mask_event(None, "", {"error": ValueError("no such key")})["error"] == "ValueError: no such key"
