"""What never reaches a log."""

import json
import logging
from typing import Any

import pytest
from django.test import RequestFactory

from stockcompare.logs import logging_config


@pytest.fixture
def line() -> Any:
    """Return a function that logs and returns the fields of the line."""
    config = logging_config(level=logging.INFO, log_format="json", secrets=["known-secret"])
    options = config["formatters"]["structured"]
    factory = options["()"]
    formatter = factory(**{name: value for name, value in options.items() if name != "()"})

    def line(message: str, *arguments: Any, **extra: Any) -> dict[str, Any]:
        record = logging.getLogger("test").makeRecord(
            "test", logging.WARNING, __file__, 1, message, arguments, None, extra=extra
        )
        found: dict[str, Any] = json.loads(formatter.format(record))
        return found

    return line


def test_the_token_of_a_link_is_left_out_of_text_and_of_requests(line: Any) -> None:
    request = RequestFactory().get("/reset-password/?token=eyJhIjoxfQ:abc-DEF_1&x=1")

    found = line("Gone: %s", "/reset-password/?token=eyJhIjoxfQ:abc-DEF_1", request=request)

    assert found["event"] == "Gone: /reset-password/?token=[redacted]"
    assert found["request"] == "<WSGIRequest: GET '/reset-password/?token=[redacted]&x=1'>"


def test_what_is_no_text_keeps_its_value(line: Any) -> None:
    found = line("x", status_code=410, took=0.5, done=True, nothing=None, names=["a", "known-secret"], password="p")

    assert {name: found[name] for name in ("status_code", "took", "done", "nothing")} == {
        "status_code": 410,
        "took": 0.5,
        "done": True,
        "nothing": None,
    }
    assert found["names"] == ["a", "[redacted]"]
    assert found["password"] == "[redacted]"
