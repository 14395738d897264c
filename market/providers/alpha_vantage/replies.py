"""Tell good replies from the many that are failures with HTTP status 200.

Almost every failure is a small JSON object, also where CSV was asked for. The order of the tests matters: the text of
the one-second limit speaks of "25 requests per day" and of "premium endpoints", too. Source: the vendor's own client
and recorded replies from 2017 to 2026.
"""

import json
import re
from typing import Any

from market.providers.base import (
    EmptyError,
    FatalError,
    PermanentError,
    ProviderError,
    ReplyKind,
    RetryableError,
    UnreadableError,
)

_TEXT_KEYS = ("Error Message", "Information", "Note", "detail")
_LISTS = ("bestMatches", "markets")
_WORDINGS = (
    (ReplyKind.RATE_SECOND, r"per second|spreading out|burst pattern"),
    (ReplyKind.RATE_MINUTE, r"requests per minute|calls per minute|minute-level|call frequency|call volume"),
    (ReplyKind.PAYWALL, r"is a premium endpoint|is a premium feature|entitle"),
    (ReplyKind.RATE_DAY, r"rate limit is \d+ requests per day"),
    (ReplyKind.BAD_KEY, r"apikey is invalid or missing"),
    (ReplyKind.DEMO_KEY, r"\*\*demo\*\*"),
    (ReplyKind.SERVER, r"internal or external error"),
    (ReplyKind.BAD_REQUEST, r"accept header|does not exist"),
    (ReplyKind.BAD_REQUEST_OR_UNKNOWN_SYMBOL, r"invalid api call"),
)
_WHAT_TO_DO = {
    ReplyKind.EMPTY: "Alpha Vantage has no bars for it; check the symbol, or choose months when it was traded.",
    ReplyKind.TRANSPORT: "Alpha Vantage could not be reached; check the network and ALPHA_VANTAGE_URL, then run again.",
    ReplyKind.TORN: "The reply broke off in the middle; run again.",
    ReplyKind.SERVER: "Alpha Vantage has trouble of its own; run again later.",
    ReplyKind.HTTP_ERROR: "Alpha Vantage refused the request; check ALPHA_VANTAGE_URL.",
    ReplyKind.RATE_SECOND: "Too many requests in a second; set ALPHA_VANTAGE_PLAN to your plan and run again.",
    ReplyKind.RATE_MINUTE: "Too many requests in a minute; set ALPHA_VANTAGE_PLAN to your plan and run again.",
    ReplyKind.RATE_DAY: "The key's requests of today are used up; resume tomorrow with the same command.",
    ReplyKind.PAYWALL: (
        "The plan of this key does not include it; choose a paid plan at https://www.alphavantage.co/premium/, "
        "or another provider, such as --provider synthetic."
    ),
    ReplyKind.BAD_KEY: "Alpha Vantage does not know this key; correct ALPHA_VANTAGE_API_KEY.",
    ReplyKind.DEMO_KEY: (
        "The demo key gives no minute bars of this symbol; get a key at https://www.alphavantage.co/support/#api-key "
        "and set ALPHA_VANTAGE_API_KEY."
    ),
    ReplyKind.BAD_REQUEST: "Alpha Vantage did not understand the request; report this with the stored reply.",
    ReplyKind.BAD_REQUEST_OR_UNKNOWN_SYMBOL: (
        "Alpha Vantage knows no such symbol, or has no such month for it; check the spelling and the months."
    ),
    ReplyKind.LABEL_UNDECIDED: (
        "Which end of the minute the stamps name is not certain, so no bar was changed; the reply is kept. State it "
        "with --label or ALPHA_VANTAGE_LABEL."
    ),
    ReplyKind.UNKNOWN: "The reply is none that is known; it is kept below raw/ in the lake, and no bar was changed.",
}
_FATAL = {ReplyKind.RATE_DAY, ReplyKind.PAYWALL, ReplyKind.BAD_KEY, ReplyKind.DEMO_KEY}
_RETRYABLE = {ReplyKind.TRANSPORT, ReplyKind.TORN, ReplyKind.SERVER, ReplyKind.RATE_SECOND, ReplyKind.RATE_MINUTE}


def classify(status: int, content_type: str, body: bytes) -> ReplyKind:
    """Return the kind of a reply; OK for what does not look like a failure, which may still be no good CSV."""
    if status >= 500 or status == 429:
        return ReplyKind.SERVER
    if status != 200:
        return ReplyKind.HTTP_ERROR
    start = body.lstrip()[:1]
    if not start or start == b"<" or content_type.startswith("text/html"):
        return ReplyKind.SERVER
    if start not in (b"{", b"["):
        return ReplyKind.OK
    try:
        return _classify_json(json.loads(body))
    # Brackets within brackets, a thousand deep, are no vendor's JSON either.
    except (ValueError, RecursionError):
        return ReplyKind.TORN


def _classify_json(payload: Any) -> ReplyKind:
    if not isinstance(payload, dict):
        return ReplyKind.UNKNOWN
    if re.search(r"premium endpoint|ARTIFICIAL", str(payload.get("message", ""))):
        # Made-up prices stand beside this message.
        return ReplyKind.PAYWALL
    if any(value and (key.startswith("Time Series (") or key in _LISTS) for key, value in payload.items()):
        return ReplyKind.OK
    text = next((str(payload[key]) for key in _TEXT_KEYS if key in payload), None)
    return ReplyKind.EMPTY if text is None else _classify_text(text)


def _classify_text(text: str) -> ReplyKind:
    matches = (kind for kind, wording in _WORDINGS if re.search(wording, text, re.IGNORECASE))
    return next(matches, ReplyKind.UNKNOWN)


def refusal(kind: ReplyKind, detail: str = "") -> ProviderError:
    """Return the error for a kind: what to do, preceded by `detail`, which must not hold the key."""
    message = f"{detail[:1].upper()}{detail[1:]}. {_WHAT_TO_DO[kind]}" if detail else _WHAT_TO_DO[kind]
    if kind in _FATAL:
        return FatalError(kind, message)
    if kind is ReplyKind.EMPTY:
        return EmptyError(kind, message)
    if kind is ReplyKind.LABEL_UNDECIDED:
        return UnreadableError(kind, message)
    if kind is ReplyKind.RATE_MINUTE:
        return RetryableError(kind, message, retry_after=60, attempts=2)
    if kind in _RETRYABLE:
        return RetryableError(kind, message, retry_after=1.2, attempts=4)
    return PermanentError(kind, message)
