"""Structured logging for every process: one line an event, JSON or console, with secrets taken out.

Application code uses the standard library: `logger.info("constant message", extra={...})`.
"""

import logging.config
import re
import sys
from collections.abc import Iterable
from typing import Any

import structlog
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

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
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


def logging_config(*, level: int, log_format: str, secrets: Iterable[str]) -> dict[str, Any]:
    """Return the `logging.config` dictionary. `log_format` is `auto` (console on a terminal), `console` or `json`."""
    console = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    before = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": before,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            Redactor(secrets),
            renderer,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
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
