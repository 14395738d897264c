"""What Alpha Vantage answers instead of bars: texts of our own that carry the words by which each kind is known.

The recorded bodies stay outside the repository; tests marked `realdata` go through those as well.
"""

from dataclasses import dataclass
from typing import Any

from market.providers.base import ReplyKind

PLANS = "See the plans at https://vendor.example/premium/ to unlock premium endpoints and lift 25 requests per day."
KEY_PLACE = "X" * 16


@dataclass(frozen=True)
class FailureBody:
    """`payload` is the JSON object; a run of X's stands where the vendor repeats the caller's key."""

    name: str
    kind: ReplyKind
    payload: dict[str, Any]


def _information(name: str, kind: ReplyKind, text: str, key: str = "Information") -> FailureBody:
    return FailureBody(name, kind, {key: text})


FAILURE_BODIES = (
    _information(
        "free_second", ReplyKind.RATE_SECOND, f"Consider spreading out your requests (1 request per second). {PLANS}"
    ),
    _information("paid_second", ReplyKind.RATE_SECOND, "Burst pattern detected. No more than 30 requests per second."),
    _information("paid_minute", ReplyKind.RATE_MINUTE, "Minute-level rate limit exceed. Mind the requests per minute."),
    _information(
        "old_minute", ReplyKind.RATE_MINUTE, "Our call frequency is 5 calls per minute and 500 calls per day.", "Note"
    ),
    _information(
        "older_minute", ReplyKind.RATE_MINUTE, "Contact us if you would like to have a higher API call volume."
    ),
    _information("oldest_minute", ReplyKind.RATE_MINUTE, "Please consider optimizing your API call frequency."),
    _information(
        "day_with_key",
        ReplyKind.RATE_DAY,
        f"Your API key is {KEY_PLACE} and our rate limit is 25 requests per day. {PLANS}",
    ),
    _information("day", ReplyKind.RATE_DAY, "Our standard API rate limit is 25 requests per day."),
    _information("premium_endpoint", ReplyKind.PAYWALL, f"Thank you! This is a premium endpoint. {PLANS}"),
    _information("premium_parameter", ReplyKind.PAYWALL, "outputsize=full is a premium feature for this endpoint."),
    _information("not_entitled", ReplyKind.PAYWALL, "Your key is not entitled to realtime data."),
    FailureBody(
        "premium_with_artificial_data",
        ReplyKind.PAYWALL,
        {
            "message": "This is a premium endpoint. THE DATA BELOW IS ARTIFICIAL.",
            "Time Series (1min)": {"2026-10-01": {}},
        },
    ),
    _information("bad_key", ReplyKind.BAD_KEY, "the parameter apikey is invalid or missing.", "Error Message"),
    _information("bad_key_informed", ReplyKind.BAD_KEY, "the parameter apikey is invalid or missing."),
    _information("demo_key", ReplyKind.DEMO_KEY, "The **demo** API key is for demo purposes only."),
    _information(
        "invalid_call",
        ReplyKind.BAD_REQUEST_OR_UNKNOWN_SYMBOL,
        "Invalid API call. Visit the documentation.",
        "Error Message",
    ),
    _information("no_function", ReplyKind.BAD_REQUEST, "This API function (X) does not exist.", "Error Message"),
    _information("accept", ReplyKind.BAD_REQUEST, "Could not satisfy the request Accept header.", "detail"),
    _information("outage", ReplyKind.SERVER, "The series encountered an internal or external error.", "Error Message"),
    _information("new_text", ReplyKind.UNKNOWN, "Something that nobody has seen yet."),
    FailureBody("empty_object", ReplyKind.EMPTY, {}),
    FailureBody("empty_quote", ReplyKind.EMPTY, {"Global Quote": {}}),
    FailureBody("empty_search", ReplyKind.EMPTY, {"bestMatches": []}),
    FailureBody("empty_time_series", ReplyKind.EMPTY, {"Meta Data": {}, "Time Series (1min)": {}}),
)
