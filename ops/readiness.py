"""Whether a service is ready: what its `/health` says, and what stops it from becoming so."""

import time
from collections.abc import Callable

import httpx

from ops.errors import OpsError

_SECONDS_BETWEEN = 0.15


def health(url: str, seconds: float = 3.0) -> tuple[bool, str]:
    """Ask `url/health` once.

    Returns:
        Whether the service is ready, and if not, why.
    """
    try:
        with httpx.Client(trust_env=False, timeout=seconds) as client:
            answer = client.get(f"{url}/health")
    except httpx.TimeoutException:
        return False, f"/health did not answer within {seconds:.0f} s"
    except httpx.TransportError:
        return False, "it does not listen yet"
    if answer.status_code == 200:
        return True, ""
    try:
        document = answer.json()
        reason = str(document.get("reason") or document.get("detail") or document.get("status"))
    except (ValueError, AttributeError):
        reason = f"/health answered {answer.status_code}"
    return False, reason


def await_ready(
    name: str,
    url: str,
    seconds: float,
    ended: Callable[[], str | None],
    say: Callable[[str], None] = lambda _reason: None,
) -> None:
    """Return once the service is ready.

    Args:
        seconds: how long it may take.
        ended: says what happened if its process has ended, else None.
        say: is told why it is not ready yet.

    Raises:
        OpsError: when its process ends, or time is up.
    """
    deadline = time.monotonic() + seconds
    while True:
        end = ended()
        if end is not None:
            raise OpsError(f"{name} ended while it started: {end}")
        ready, reason = health(url)
        if ready:
            return
        say(reason)
        if time.monotonic() > deadline:
            raise OpsError(f"{name} was not ready after {seconds:.0f} s: {reason}")
        time.sleep(_SECONDS_BETWEEN)
