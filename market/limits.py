"""How many requests a provider allows, by plan or as the settings say, and whose budget they are counted against."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.crypto import salted_hmac

_LIMIT = re.compile(r"(\d+(?:\.\d+)?)/(s|min|day)")
_FIELDS = {"s": "per_second", "min": "per_minute", "day": "per_day"}


class LimitsInvalid(ValueError):
    """The text cannot be limits; the message says how to write them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests per second, minute and day; None where there is no limit."""

    per_second: float | None = None
    per_minute: float | None = None
    per_day: float | None = None

    def __str__(self) -> str:
        parts = [
            f"{value:g}/{unit}" for unit, name in _FIELDS.items() if (value := getattr(self, name, None)) is not None
        ]
        return " ".join(parts) or "no limit"


@dataclass(frozen=True, slots=True)
class Account:
    """Whose budget a request is counted against: a provider's key, which only its fingerprint names."""

    provider: str
    fingerprint: str
    limits: Limits


def fingerprint(key: str) -> str:
    """Return a name for a key from which it cannot be found; another SECRET_KEY gives other names."""
    return salted_hmac("stockcompare.budget", key, algorithm="sha256").hexdigest()[:16]


def _paid(per_minute: int) -> Limits:
    # A plan also caps bursts: 5 a second were seen on small plans, 30 on the largest.
    return Limits(per_second=max(5, per_minute // 40), per_minute=per_minute)


# Alpha Vantage's plans by the name that ALPHA_VANTAGE_PLAN takes: requests a minute, or `free`. Source: the vendor's
# support and premium pages, read 2026-11.
ALPHA_VANTAGE_PLANS = {
    "free": Limits(per_second=1, per_day=25),
    **{str(number): _paid(number) for number in (75, 150, 300, 600, 1200)},
}

# What a free key allows. Source: the vendors' documentation, read 2026-11; a paid plan is said in REQUEST_LIMITS.
ALPACA_FREE = Limits(per_minute=200)
MASSIVE_FREE = Limits(per_minute=5)


def parse_request_limits(text: str) -> Mapping[str, Limits]:
    """Read limits by provider. Raises LimitsInvalid.

    >>> {name: str(limits) for name, limits in parse_request_limits("alpha_vantage=1/s 25/day; alpaca=200/min").items()}
    {'alpha_vantage': '1/s 25/day', 'alpaca': '200/min'}
    """
    entries = [entry.partition("=") for entry in text.split(";") if entry.strip()]
    return {name.strip(): _parse_limits(limits) for name, _, limits in entries}


def _parse_limits(text: str) -> Limits:
    matches = [_LIMIT.fullmatch(word) for word in text.split()]
    found = {_FIELDS[match[2]]: float(match[1]) for match in matches if match}
    if not matches or len(found) != len(matches) or not all(found.values()):
        raise LimitsInvalid(
            f"REQUEST_LIMITS: {text[:40]!r} are no limits; write it like alpha_vantage=1/s 25/day; alpaca=200/min."
        )
    return Limits(**found)
