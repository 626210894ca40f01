"""Structured logs: one JSON object a line on stderr, never a secret or a personal trace."""

import logging
import sys
from typing import TextIO, cast

import structlog

from kit import telemetry

# Names that must never reach a log (privacy rules no-trace, no-card-number), whatever is passed.
FORBIDDEN_KEYS = frozenset(
    {"password", "session_id", "token", "authorization", "cookie", "ip", "remote_addr",
     "user_agent", "address", "ssid", "card_number", "pan", "code_string"}
)  # fmt: skip


def _withhold(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for key in FORBIDDEN_KEYS & event.keys():
        event[key] = "(withheld)"
    return event


def _trace(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    trace_id = telemetry.trace_id()
    if trace_id:
        event["trace_id"] = trace_id
    return event


class _Stderr:
    """Standard error as it is at each write; loggers live longer than a redirection of it."""

    def write(self, text: str) -> None:
        sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure(service: str, level: str) -> None:
    """Sets up logging of this process. level: debug, info, warning or error."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _trace,
            _withhold,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Stderr())),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def security(event: str, **about: object) -> None:
    """Notes who signed in, changed what people may do, or was refused: docs/telemetry.md lists all.

    By ids of staff, devices and programs alone; never what somebody typed. Shown from level info.
    """
    get("security").info(event, **about)


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """Returns a logger; `name` says which part of the process speaks."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=name)
    return logger
