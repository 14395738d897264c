"""Where a provider's day begins and ends.

Alpha Vantage does not say at which midnight its count begins anew, and programs in the wild disagree: UTC or New York.
So both count: a request is allowed when neither day would have too many.
"""

from datetime import UTC, datetime, time, timedelta, tzinfo

from market.calendar import NEW_YORK

_ZONES: tuple[tzinfo, ...] = (UTC, NEW_YORK)


def day_began(now: datetime) -> datetime:
    """Return the instant since which requests count: the earlier of the two midnights before an aware instant."""
    return min(_midnight(now, zone, 0) for zone in _ZONES)


def next_reset(now: datetime) -> datetime:
    """Return the first midnight after `now`, at which the provider's count may begin anew."""
    return min(_midnight(now, zone, 1) for zone in _ZONES)


def _midnight(now: datetime, zone: tzinfo, days: int) -> datetime:
    on = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(on, time(), tzinfo=zone).astimezone(UTC)
