"""Tell Alpaca's replies apart. Source: the vendor's documentation of its market data API."""

import json
from collections.abc import Callable
from typing import Any

from market.providers.base import ReplyKind
from market.providers.refusals import Refusals

REFUSALS = Refusals(
    name="Alpaca",
    prefix="ALPACA",
    own={
        ReplyKind.BAD_KEY: "Alpaca does not know this key pair; correct ALPACA_API_KEY_ID and ALPACA_API_SECRET_KEY.",
        ReplyKind.PAYWALL: (
            "The plan of this key has no consolidated bars of so recent a time; run again in 15 minutes, or choose "
            "another plan at https://alpaca.markets/data."
        ),
        ReplyKind.RATE_MINUTE: "Alpaca allows 200 requests a minute on a free key; run again in a minute.",
    },
)
refusal = REFUSALS.error


def classify(status: int, content_type: str, body: bytes) -> ReplyKind:
    """Return the kind of one page of bars."""
    return _classify(status, content_type, body, _classify_bars)


def classify_facts(status: int, content_type: str, body: bytes) -> ReplyKind:
    """Return the kind of one page of corporate actions or daily bars, of which there may be none."""
    return _classify(status, content_type, body, _classify_facts)


def _classify(
    status: int, content_type: str, body: bytes, of_payload: Callable[[dict[str, Any]], ReplyKind]
) -> ReplyKind:
    if status == 429:
        return ReplyKind.RATE_MINUTE
    if status >= 500:
        return ReplyKind.SERVER
    if body.lstrip()[:1] != b"{":
        return _without_object(status, content_type, body)
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return ReplyKind.TORN
    return of_payload(payload) if status == 200 else _classify_message(status, str(payload.get("message", "")))


def _without_object(status: int, content_type: str, body: bytes) -> ReplyKind:
    if status in (401, 403):
        return ReplyKind.BAD_KEY
    if status != 200:
        return ReplyKind.HTTP_ERROR
    return ReplyKind.SERVER if not body.strip() or b"<" in body[:200] else ReplyKind.UNKNOWN


def _classify_bars(payload: dict[str, Any]) -> ReplyKind:
    if "bars" not in payload or "next_page_token" not in payload:
        return ReplyKind.UNKNOWN
    bars = payload["bars"]
    if bars is None or bars == []:
        # A last page may be empty; the first one is empty when there is nothing.
        return ReplyKind.EMPTY
    return ReplyKind.OK if isinstance(bars, list) else ReplyKind.UNKNOWN


def _classify_facts(payload: dict[str, Any]) -> ReplyKind:
    known = isinstance(payload.get("corporate_actions"), dict) or "bars" in payload
    return ReplyKind.OK if known and "next_page_token" in payload else ReplyKind.UNKNOWN


def _classify_message(status: int, message: str) -> ReplyKind:
    lower = message.lower()
    if "subscription" in lower or "not permit" in lower:
        return ReplyKind.PAYWALL
    if status in (401, 403):
        return ReplyKind.BAD_KEY
    if "symbol" in lower or "asset not found" in lower:
        return ReplyKind.BAD_REQUEST_OR_UNKNOWN_SYMBOL
    return ReplyKind.BAD_REQUEST if status in (400, 422) else ReplyKind.HTTP_ERROR
