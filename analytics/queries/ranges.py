"""The named ranges of the charts, counted back from the last session there is data of."""

from dataclasses import dataclass
from datetime import date, timedelta

from analytics.queries.instants import date_of
from analytics.queries.sessions import session_table
from market.months import Month

NAMES = ("1D", "5D", "1M", "6M", "YTD", "1Y", "MAX")
_SESSIONS = {"1D": 1, "5D": 5}
_MONTHS = {"1M": 1, "6M": 6, "1Y": 12}


@dataclass(frozen=True)
class NamedRange:
    """A range of sessions, both ends included; `available` tells whether the data reach back to its start."""

    name: str
    first: date
    last: date
    available: bool


def named_ranges(first_session: date, last_session: date) -> list[NamedRange]:
    """Return every named range for data from one session to another, both included."""
    return [_named(name, first_session, last_session) for name in NAMES]


def default_range(ranges: list[NamedRange]) -> NamedRange:
    """Return 1M, or everything while there is less than a month."""
    month = next(each for each in ranges if each.name == "1M")
    return month if month.available else ranges[-1]


def _named(name: str, first_session: date, last_session: date) -> NamedRange:
    if name == "MAX":
        return NamedRange(name, first_session, last_session, available=True)
    start = _start(name, last_session)
    sessions = session_table().between(start, last_session).sessions
    begins = date_of(sessions[0]) if len(sessions) else start
    return NamedRange(name, max(start, first_session), last_session, available=first_session <= begins)


def _start(name: str, last_session: date) -> date:
    if name == "YTD":
        return date(last_session.year, 1, 1)
    if name in _SESSIONS:
        return date_of(session_table().between(date.min, last_session).sessions[-_SESSIONS[name] :][0])
    return _months_back(last_session, _MONTHS[name]) + timedelta(days=1)


def _months_back(on: date, count: int) -> date:
    month = Month.of(on)
    for _ in range(count):
        month = month.previous()
    return min(month.first_date + timedelta(days=on.day - 1), month.last_date)
