"""How long a request has to wait for the seconds and minutes before it: pure arithmetic over the instants of others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from market.limits import Limits

# A request reaches the provider at some time between leaving and being answered, so it counts as sent until its answer
# is there. One that is not answered counts so for this long: whoever counted it sends it sooner than that, or not.
IN_FLIGHT = timedelta(seconds=3)
_WHILE_IN_FLIGHT = 0.05
# The provider's clock is not ours, and a window measured there may be a little longer here.
_MARGIN = 1.2
# Instants are kept in microseconds; without this a wait could end just before its time.
_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count` requests in any stretch of `length`."""

    count: int
    length: timedelta


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: when it left, and when its answer came, if one did. Aware."""

    sent_at: datetime
    settled_at: datetime | None


def windows_of(limits: Limits) -> Iterator[Window]:
    """Yield the windows shorter than a day."""
    for rate, seconds in ((limits.per_second, 1.0), (limits.per_minute, 60.0)):
        if rate:
            count = max(1, int(rate))
            yield Window(count, timedelta(seconds=seconds * _MARGIN * count / rate))


def longest(limits: Limits) -> timedelta:
    """Return how far back requests matter to the windows."""
    return max((window.length for window in windows_of(limits)), default=timedelta()) + IN_FLIGHT


def seconds_to_wait(limits: Limits, sent: Sequence[Sent], now: datetime) -> float:
    """Return seconds until there may be room in every window; 0 when there is now. `sent` in any order."""
    return max((_wait(window, sent, now) for window in windows_of(limits)), default=0.0)


def _wait(window: Window, sent: Sequence[Sent], now: datetime) -> float:
    ends = sorted(_counts_until(each, now) for each in sent)
    within = [end for end in ends if end + window.length > now]
    if len(within) < window.count:
        return 0.0
    frees = within[-window.count]
    return _WHILE_IN_FLIGHT if frees >= now else (frees + window.length - now).total_seconds() + _ROUNDING


def _counts_until(request: Sent, now: datetime) -> datetime:
    """Return the latest instant at which the provider can have received it."""
    return min(request.settled_at or now, request.sent_at + IN_FLIGHT, now)
