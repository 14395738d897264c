"""Tell Massive's replies apart. Source: the vendor's documentation of its aggregates."""

import json
from collections.abc import Callable
from typing import Any

from market.providers.base import ReplyKind
from market.providers.refusals import Refusals

REFUSALS = Refusals(
    name="Massive",
    prefix="MASSIVE",
    own={
        ReplyKind.BAD_KEY: "Massive does not know this key; correct MASSIVE_API_KEY.",
        ReplyKind.PAYWALL: (
            "The plan of this key does not reach this month (a free one goes back two years, and to the last session); "
            "choose other months, or a plan at https://massive.com/pricing."
        ),
        ReplyKind.RATE_MINUTE: "Massive allows 5 requests a minute on a free key; run again in a minute.",
    },
    of_the_month=frozenset({ReplyKind.PAYWALL}),
)
refusal = REFUSALS.error


def classify(status: int, content_type: str, body: bytes) -> ReplyKind:
    """Return the kind of one page of bars."""
    return _classify(status, body, _classify_results)


def classify_facts(status: int, content_type: str, body: bytes) -> ReplyKind:
    """Return the kind of one page of splits, dividends or daily bars, of which there may be none."""
    return _classify(status, body, _classify_facts)


def _classify(status: int, body: bytes, of_payload: Callable[[dict[str, Any]], ReplyKind]) -> ReplyKind:
    """A refusal for too many requests is JSON without `results`, never an empty page."""
    if status >= 500:
        return ReplyKind.SERVER
    if body.lstrip()[:1] != b"{":
        return _without_object(status, body)
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return ReplyKind.RATE_MINUTE if status == 429 else ReplyKind.TORN
    words = f"{payload.get('error', '')} {payload.get('message', '')}".lower()
    if status == 429 or "maximum requests per minute" in words:
        return ReplyKind.RATE_MINUTE
    return of_payload(payload) if status == 200 and "error" not in payload else _classify_error(status, words)


def _without_object(status: int, body: bytes) -> ReplyKind:
    if status == 429:
        return ReplyKind.RATE_MINUTE
    if status in (401, 403):
        return ReplyKind.BAD_KEY
    if status != 200:
        return ReplyKind.HTTP_ERROR
    return ReplyKind.SERVER if not body.strip() or b"<" in body[:200] else ReplyKind.UNKNOWN


def _classify_results(payload: dict[str, Any]) -> ReplyKind:
    if payload.get("status") not in ("OK", "DELAYED"):
        return ReplyKind.UNKNOWN
    if payload.get("adjusted") is True:
        # Adjusted prices do not join with the months fetched before and after.
        return ReplyKind.UNKNOWN
    results = payload.get("results")
    if not results:
        return ReplyKind.EMPTY if payload.get("resultsCount") == 0 else ReplyKind.UNKNOWN
    return ReplyKind.OK if isinstance(results, list) else ReplyKind.UNKNOWN


def _classify_facts(payload: dict[str, Any]) -> ReplyKind:
    kind = _classify_results({"resultsCount": 0, **payload})
    return ReplyKind.OK if kind is ReplyKind.EMPTY else kind


def _classify_error(status: int, words: str) -> ReplyKind:
    if "entitle" in words or "plan" in words or "not authorized" in words:
        return ReplyKind.PAYWALL
    if status in (401, 403) or "api key" in words:
        return ReplyKind.BAD_KEY
    if status == 404 or "ticker" in words:
        return ReplyKind.BAD_REQUEST_OR_UNKNOWN_SYMBOL
    return ReplyKind.BAD_REQUEST if status == 400 else ReplyKind.HTTP_ERROR
