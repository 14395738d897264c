"""Structured logging for every process: one line an event, JSON or console, with secrets taken out.

Application code uses the standard library: `logger.info("constant message", extra={...})`.
"""

import logging.config
import re
import sys
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

REDACTED = "[redacted]"
_SECRET_NAMES = re.compile(r"(?i)pass(word|wd)|secret|token|api_?key|authorization|cookie")
_SECRET_TEXT = re.compile(
    r"(?i)(?<=apikey=)[^&\s\"']+"
    r"|(?<=[?&]token=)[^&\s\"']+"
    r"|(?<=bearer )[\w.~+/=-]+"
    r"|sck_[\w-]+\.[\w-]+"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)


class Redactor:
    """A structlog processor that removes secrets by value, by field name and by shape."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = [secret for secret in secrets if len(secret) >= 6]

    def __call__(self, logger: "WrappedLogger", method: str, event: "EventDict") -> "EventDict":
        return {key: self._clean(key, value) for key, value in event.items()}

    def _clean(self, key: str, value: Any) -> Any:
        if key.startswith("_"):
            return value
        if _SECRET_NAMES.search(key) and value:
            return REDACTED
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {inner: self._clean(str(inner), item) for inner, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean("", item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        # As the renderer would write it, such as a request with its address.
        return self.text(repr(value))

    def text(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, REDACTED)
        return _SECRET_TEXT.sub(REDACTED, text)


class StructuredFormatter(logging.Formatter):
    """Writes a record as one line, of JSON or for a console, without what `redactor` takes out."""

    def __init__(self, *, console: bool, redactor: Redactor) -> None:
        super().__init__()
        self._console = console
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._structured.format(record)

    @cached_property
    def _structured(self) -> logging.Formatter:
        # Brings rich and pygments with it, a sixth of a second that a command with nothing to log need not take.
        import structlog

        renderer = structlog.dev.ConsoleRenderer() if self._console else structlog.processors.JSONRenderer()
        return structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                self._redactor,
                renderer,
            ],
        )


def logging_config(*, level: int, log_format: str, secrets: Iterable[str]) -> dict[str, Any]:
    """Return the `logging.config` dictionary. `log_format` is `auto` (console on a terminal), `console` or `json`."""
    console = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": {"()": StructuredFormatter, "console": console, "redactor": Redactor(secrets)}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "botocore": {"level": "WARNING"},
            "py4j": {"level": "WARNING"},
            "pynamodb": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            # Its INFO is two lines for every tick of a schedule.
            "django-q": {"level": "WARNING"},
            "django.server": {"handlers": [], "propagate": True},
        },
    }


def configure_logging(config: dict[str, Any]) -> None:
    logging.config.dictConfig(config)
