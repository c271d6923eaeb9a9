"""Asked to stop, by Ctrl-C or otherwise, the launcher stops once, and in order."""

import signal
from types import FrameType

# SIGINT too: a shell lets its background jobs ignore it, and their children would inherit that.
_ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupt_on_signals() -> None:
    """Let the first signal raise `KeyboardInterrupt`, and any later one do nothing: stopping is under way."""
    for number in _ASKED_TO_STOP:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in _ASKED_TO_STOP:
        # Not SIG_IGN, which commands started from now on would inherit.
        signal.signal(number, lambda _number, _frame: None)
    raise KeyboardInterrupt
