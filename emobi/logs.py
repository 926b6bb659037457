"""Logging: one line a record, from structlog and from the standard library alike, on standard error.

What a station says ends up in log lines. Whatever isn't printable in it (line ends, escape sequences,
direction marks) is written as an escape, so that no text forges a record or moves a terminal's cursor. In
JSON a traceback is a value of its record; for people it follows its record, each line marked with "  | ".

Standard output belongs to commands: `create_api_key` prints the key there and nothing else.
"""

import logging
import re
import sys
from collections.abc import Mapping

import structlog
from django.core.exceptions import ImproperlyConfigured
from structlog.typing import EventDict, Processor, WrappedLogger

from emobi import env

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FORMATS = ("console", "json")
MASK = "***"
# They tell at INFO of every task that began and every port that was opened.
CHATTY = ("celery.app.trace", "celery.beat", "celery.worker.strategy", "daphne")

_SECRET_KEY = re.compile(
    r"passw(or)?d|passphrase|secret|authorization|cookie|credential|api_?key|private_?key|csrf|session_?key",
    re.I,
)
_SECRET_TEXT = re.compile(r"(?P<before>\b(?:Basic|Bearer)\s+)\S+|(?P<user>://[^\s:/@]*:)[^\s/]+(?=@)", re.I)


def configure(level: str, json: bool | None = None) -> None:
    """Set up the standard library's logging and structlog; may be called again.

    Args:
        level: One of LEVELS, in any case of letters.
        json: Whether a record is a JSON object; None: as EMOBI_LOG_FORMAT says, or else unless standard
            error is a terminal.

    Raises:
        ImproperlyConfigured: If ``level``, which EMOBI_LOG_LEVEL gives, or EMOBI_LOG_FORMAT can't be.
    """
    if level.upper() not in LEVELS:
        raise ImproperlyConfigured(f"EMOBI_LOG_LEVEL={level!r}: not one of {', '.join(LEVELS)}")
    if json is None:
        automatic = "console" if sys.stderr.isatty() else "json"
        json = env.choice("EMOBI_LOG_FORMAT", default=automatic, among=FORMATS) == "json"
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                mask,
                structlog.processors.JSONRenderer(default=str) if json else console_line,
            ],
        )
    )
    root = logging.getLogger()
    for earlier in [each for each in root.handlers if isinstance(each, StandardError)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel("WARNING" if root.level == logging.INFO else logging.NOTSET)


class StandardError(logging.Handler):
    """Writes to what sys.stderr is at the moment; logging's own handler keeps the first for ever."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - logging's contract: a record that can't be written harms nobody
            self.handleError(record)


def inert(text: str) -> str:
    """``text`` with an escape for each character that isn't printable."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide secrets: values under a secret's name, credentials within URLs and Authorization headers."""
    return {key: MASK if _SECRET_KEY.search(key) else _masked(value) for key, value in event.items()}


def _masked(value: object) -> object:
    match value:
        case str():
            return _SECRET_TEXT.sub(rf"\g<before>\g<user>{MASK}", value)
        case Mapping():
            return {
                key: MASK if _SECRET_KEY.search(str(key)) else _masked(item) for key, item in value.items()
            }
        case list() | tuple():
            return [_masked(item) for item in value]
        case bytes():
            return _masked(value.decode(errors="backslashreplace"))
        case _:
            return value


def console_line(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """A record for a person's eyes: time, level, event, then what else is known."""
    time, level, name = (str(event.pop(key, "")) for key in ("timestamp", "level", "logger"))
    traceback = str(event.pop("exception", None) or "")
    text = inert(str(event.pop("event", "")))
    values = " ".join(f"{inert(key)}={_shown(value)}" for key, value in event.items())
    line = f"{time[11:19]} {level:<8} {text}{'  ' if values else ''}{values}  ({name})"
    return "\n".join([line, *(f"  | {inert(each)}" for each in traceback.splitlines())])


def _shown(value: object) -> str:
    text = str(value)
    return inert(text) if text.isprintable() and text and " " not in text else inert(repr(value))
