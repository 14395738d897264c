"""How long a number of requests will take."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from market.budget.days import next_reset
from market.budget.ledger import ledger_errors, open_again, used_today
from market.calendar import NEW_YORK
from market.limits import Account, Limits
from market.models import KeyBudget


@dataclass(frozen=True, slots=True)
class Forecast:
    """`days` counts those with requests; `finished_at` is aware; `left_today` is None without a daily limit."""

    requests: int
    days: int
    finished_at: datetime
    left_today: int | None


def forecast(account: Account | None, requests: int, now: datetime) -> Forecast:
    """Say when so many requests will have been sent if nobody else uses the key. Raises LedgerUnavailable."""
    if account is None:
        return Forecast(requests, min(requests, 1), now, None)
    with ledger_errors():
        budget = KeyBudget.objects.filter(provider=account.provider, fingerprint=account.fingerprint).first()
        return _forecast(budget or KeyBudget(provider=account.provider), account.limits, requests, now)


def _forecast(budget: KeyBudget, limits: Limits, requests: int, now: datetime) -> Forecast:
    if limits.per_day is None:
        return Forecast(requests, min(requests, 1), now + _duration(limits, requests), None)
    allowed = int(limits.per_day)
    used = used_today(budget, now) if budget.pk else 0
    opens = open_again(budget, limits, now) if budget.pk else now
    left = max(0, allowed - used) if opens == now else 0
    if requests <= left:
        return Forecast(requests, min(requests, 1), now + _duration(limits, requests), left)
    later = math.ceil((requests - left) / allowed)
    # What is sent now counts until the later of the two midnights to come.
    first_day = opens if opens > now else next_reset(next_reset(now))
    last = requests - left - (later - 1) * allowed
    finished = first_day + timedelta(days=later - 1) + _duration(limits, last)
    return Forecast(requests, later + bool(left), finished, left)


def _duration(limits: Limits, requests: int) -> timedelta:
    paces = [
        60.0 / limits.per_minute if limits.per_minute else 0.0,
        1.2 / limits.per_second if limits.per_second else 0.0,
    ]
    return timedelta(seconds=max(paces) * max(0, requests - 1))


def in_words(expected: Forecast, provider: str) -> str:
    """Say how many requests there are, on how many days, and when the last is sent in New York's time."""
    if not expected.requests:
        return f"no requests to {provider}"
    requests = "1 request" if expected.requests == 1 else f"{expected.requests:,} requests"
    finished = f"done by {expected.finished_at.astimezone(NEW_YORK):%Y-%m-%d %H:%M} New York time"
    if expected.left_today is None:
        return f"{requests} to {provider}, {finished}"
    days = "1 day" if expected.days == 1 else f"{expected.days} days"
    return f"{requests} to {provider} on {days} ({expected.left_today} are left of today's), {finished}"
