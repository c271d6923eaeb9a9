"""Structured logs to stderr, one line an event, with personal data masked."""

import logging
import os
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

from common.masking import PERSONAL_FIELDS, mask


def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: personal fields become their length, other text is masked."""
    for field, value in event.items():
        if field in PERSONAL_FIELDS and value is not None:
            event[field] = f"[{len(str(value))} characters]"
        elif isinstance(value, str):
            event[field] = mask(value)
        elif isinstance(value, BaseException):
            event[field] = mask(f"{type(value).__name__}: {_said(value)}")
    return event


def _said(error: BaseException) -> str:
    """What an error says. One of a database quotes the values that it was given, so that only its code is told."""
    cause = getattr(error, "orig", None) or error
    return f"[SQLSTATE {cause.sqlstate}]" if hasattr(cause, "sqlstate") else str(error)


def format_error(exc_info: Any) -> str:
    """The traceback of an error and of those behind it, without what a database quotes."""
    text = "".join(traceback.format_exception(*exc_info))
    error = exc_info[1]
    while error is not None:
        if str(error):
            text = text.replace(str(error), _said(error))
        error = error.__cause__ or error.__context__
    return text.rstrip()


def configure(service: str) -> None:
    """Send the logs of this process, the standard library's included, to stderr as one shape of line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(format_error),
        mask_event,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "service", "event"]),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(os.environ.get("RAPPORT_LOG_LEVEL", "INFO").upper())
    for noisy in ("httpx", "httpcore", "uvicorn.access", "urllib3", "sanic.access", "sqlalchemy.engine"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def get_logger(name: str) -> Any:
    """A structlog logger; call it as `log.info("what happened", field=value)`."""
    return structlog.stdlib.get_logger(name)
