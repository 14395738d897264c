"""Telling Alpha Vantage's refusals apart."""

import json
from pathlib import Path

import pytest

from market.providers.alpha_vantage.replies import classify, refusal
from market.providers.base import EmptyError, FatalError, PermanentError, ReplyKind, RetryableError
from tests.vendor_replies import FAILURE_BODIES, FailureBody

CSV = b"timestamp,open,high,low,close,volume\r\n2026-10-01 09:30:00,1.0,1.0,1.0,1.0,1\r\n"
JSON = "application/json"


@pytest.mark.parametrize("body", FAILURE_BODIES, ids=lambda body: body.name)
def test_a_refusal_is_known_by_its_words(body: FailureBody) -> None:
    assert classify(200, JSON, json.dumps(body.payload, indent=4).encode()) == body.kind


@pytest.mark.realdata
def test_every_recorded_refusal_is_known(shared_data: Path) -> None:
    entries = json.loads((shared_data / "alpha_vantage_replies/failure_replies.json").read_text())
    found = {}
    for entry in entries:
        body = entry["body_text"].encode() if "body_text" in entry else json.dumps(entry["body"]).encode()
        found[entry["id"]] = classify(int(entry.get("http", 200)), entry.get("content_type", JSON), body).name

    assert found == {entry["id"]: entry["class"] for entry in entries}
    assert len(found) == 26


@pytest.mark.realdata
def test_a_recorded_placeholder_with_made_up_prices_is_a_paywall(shared_data: Path) -> None:
    path = shared_data / "alpha_vantage_replies/realtime_bulk_quotes_PREMIUM_PLACEHOLDER_2026-05.json"

    assert classify(200, JSON, path.read_bytes()) == ReplyKind.PAYWALL


@pytest.mark.realdata
@pytest.mark.parametrize(
    "name", ["intraday_5min_IBM_compact_2026-05-15.csv", "intraday_1min_MSFT_compact_2017-12-18.json"]
)
def test_recorded_bars_are_no_refusal(shared_data: Path, name: str) -> None:
    assert classify(200, "", (shared_data / "alpha_vantage_replies" / name).read_bytes()) == ReplyKind.OK


@pytest.mark.parametrize(
    ("status", "content_type", "body", "kind"),
    [
        (200, "application/x-download", CSV, ReplyKind.OK),
        (500, JSON, b"{}", ReplyKind.SERVER),
        (503, "text/html; charset=utf-8", b"<!DOCTYPE html>", ReplyKind.SERVER),
        (429, JSON, b"{}", ReplyKind.SERVER),
        (404, JSON, b"{}", ReplyKind.HTTP_ERROR),
        (302, "text/html", b"", ReplyKind.HTTP_ERROR),
        (200, "text/html", b"Will be right back", ReplyKind.SERVER),
        (200, JSON, b"  <html>", ReplyKind.SERVER),
        (200, JSON, b"", ReplyKind.SERVER),
        (200, JSON, b" \r\n", ReplyKind.SERVER),
        (200, JSON, b'{"Information": "cut', ReplyKind.TORN),
        (200, JSON, b"[]", ReplyKind.UNKNOWN),
    ],
)
def test_status_and_shape_come_first(status: int, content_type: str, body: bytes, kind: ReplyKind) -> None:
    assert classify(status, content_type, body) == kind


# A good reply, and what the ledger writes down without one.
NO_REPLIES = (ReplyKind.OK, ReplyKind.BUDGET, ReplyKind.LEDGER, ReplyKind.UNSENT)


@pytest.mark.parametrize("kind", [kind for kind in ReplyKind if kind not in NO_REPLIES])
def test_every_refusal_says_what_to_do(kind: ReplyKind) -> None:
    message = str(refusal(kind, "this happened"))

    assert message.startswith("This happened. ")
    assert message.endswith(".")
    assert len(message) > len("This happened. ") + 20


@pytest.mark.parametrize("kind", [ReplyKind.RATE_DAY, ReplyKind.PAYWALL, ReplyKind.BAD_KEY, ReplyKind.DEMO_KEY])
def test_what_concerns_the_key_ends_the_run(kind: ReplyKind) -> None:
    assert isinstance(refusal(kind), FatalError)


@pytest.mark.parametrize(
    ("kind", "retry_after", "attempts"),
    [
        (ReplyKind.RATE_MINUTE, 60, 2),
        (ReplyKind.RATE_SECOND, 1.2, 4),
        (ReplyKind.SERVER, 1.2, 4),
        (ReplyKind.TRANSPORT, 1.2, 4),
        (ReplyKind.TORN, 1.2, 4),
    ],
)
def test_what_passes_is_tried_again(kind: ReplyKind, retry_after: float, attempts: int) -> None:
    error = refusal(kind)

    assert isinstance(error, RetryableError)
    assert (error.retry_after, error.attempts) == (retry_after, attempts)


@pytest.mark.parametrize(
    "kind",
    [ReplyKind.BAD_REQUEST, ReplyKind.BAD_REQUEST_OR_UNKNOWN_SYMBOL, ReplyKind.HTTP_ERROR, ReplyKind.UNKNOWN],
)
def test_what_concerns_the_symbol_or_the_request_is_permanent(kind: ReplyKind) -> None:
    assert isinstance(refusal(kind), PermanentError)


def test_emptiness_concerns_one_month_only() -> None:
    assert isinstance(refusal(ReplyKind.EMPTY), EmptyError)
