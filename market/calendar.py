"""The exchange calendar XNYS: sessions, their hours and the phase of a minute.

The rule is Monday to Friday, 09:30 to 16:00 New York; `xnys_exceptions.csv` holds what departs from it.
That file is generated from the package exchange_calendars (`python -m market.calendar_refresh`) and a
test compares the two for every date, so the processes that only need to know "which sessions" start
without importing pandas. See docs/decisions/calendar-as-data.md.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

CALENDAR = "XNYS"
NEW_YORK = ZoneInfo("America/New_York")
FIRST_DATE = date(2000, 1, 1)
LAST_DATE = date(2031, 12, 31)
EXCEPTIONS_FILE = Path(__file__).with_name("xnys_exceptions.csv")

_OPEN = time(9, 30)
_CLOSE = time(16, 0)
_PRE_OPEN = time(4, 0)
_POST_LENGTH = timedelta(hours=4)


class DateOutOfBounds(ValueError):
    """The calendar does not reach this date."""


class ClosuresInvalid(ValueError):
    """What is stated are no closures; the message says how to write them."""


class Phase(StrEnum):
    """Where in the trading date a bar starts."""

    PRE = "pre"
    REGULAR = "regular"
    AUCTION = "auction"
    POST = "post"


@dataclass(frozen=True, slots=True)
class SessionHours:
    """The instants of one session, aware UTC; every interval is closed on the left and open on the right.

    Extended trading runs from `pre_open` (04:00 New York) to `post_close` (four hours after the close:
    20:00, or 17:00 on a half day). The bar that starts at `session_close` is the auction bar.
    """

    session: date
    pre_open: datetime
    session_open: datetime
    session_close: datetime
    post_close: datetime

    @property
    def regular_minutes(self) -> int:
        """390, or 210 on a half day."""
        return int((self.session_close - self.session_open).total_seconds()) // 60

    @property
    def is_half_day(self) -> bool:
        return self.session_close.astimezone(NEW_YORK).time() < _CLOSE

    def phase_of(self, bar_start: datetime) -> Phase | None:
        """Return the phase of the bar that starts at an aware instant; None outside extended hours."""
        if not self.pre_open <= bar_start < self.post_close:
            return None
        if bar_start < self.session_open:
            return Phase.PRE
        if bar_start < self.session_close:
            return Phase.REGULAR
        return Phase.AUCTION if bar_start < self.session_close + timedelta(minutes=1) else Phase.POST


class MarketState(StrEnum):
    """Which trading is going on."""

    PRE = "pre"
    REGULAR = "regular"
    POST = "post"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class MarketStatus:
    """The market at one instant: its state until `until` (aware UTC), and the session that is on or comes next."""

    state: MarketState
    session: date
    until: datetime


# Days on which the exchange did not trade, or closed at another time, though no calendar had foreseen it.
_stated: dict[date, time | None] = {}


def parse_closures(text: str) -> dict[date, time | None]:
    """Read days without trading, and early closes by New York's clock. Raises ClosuresInvalid.

    >>> parse_closures("2026-12-01, 2026-12-02=13:00")
    {datetime.date(2026, 12, 1): None, datetime.date(2026, 12, 2): datetime.time(13, 0)}
    """
    entries = [entry.strip().partition("=") for entry in text.split(",") if entry.strip()]
    try:
        found = {date.fromisoformat(day): time.fromisoformat(close) if close else None for day, _, close in entries}
        if all(is_session(day) and (close is None or _OPEN < close < _CLOSE) for day, close in found.items()):
            return found
    except ValueError:
        pass
    raise ClosuresInvalid(
        f"MARKET_CLOSURES: {text[:60]!r} are no closures of sessions; write them like 2026-12-01,2026-12-02=13:00 "
        "(closed all day, and from 13:00 New York time on)."
    )


def state_closures(closures: Mapping[date, time | None]) -> None:
    """Let sessions be closed, or close early. For the start of a process: what is worked out before stays as it is."""
    _stated.clear()
    _stated.update(closures)
    _closes.cache_clear()
    session_hours.cache_clear()


def stated_closures() -> Mapping[date, time | None]:
    return _stated


@cache
def _closes() -> dict[date, time | None]:
    return foreseen() | _stated


@cache
def foreseen() -> dict[date, time | None]:
    """Return the closes that depart from the rule by the calendar alone; None on days without trading."""
    with EXCEPTIONS_FILE.open(newline="") as handle:
        return {
            date.fromisoformat(row["date"]): time.fromisoformat(row["close"]) if row["close"] else None
            for row in csv.DictReader(handle)
        }


def _close_time(on: date) -> time | None:
    if not FIRST_DATE <= on <= LAST_DATE:
        raise DateOutOfBounds(
            f"{on} is outside the {CALENDAR} calendar ({FIRST_DATE} to {LAST_DATE}); choose a date within it."
        )
    if on.weekday() >= 5:
        return None
    return _closes().get(on, _CLOSE)


def is_session(on: date) -> bool:
    """Tell whether the exchange trades on a date. Raises DateOutOfBounds."""
    return _close_time(on) is not None


@cache
def session_hours(session: date) -> SessionHours:
    """Return the hours of a session. Raises DateOutOfBounds, or ValueError when there is no trading."""
    close = _close_time(session)
    if close is None:
        raise ValueError(f"{session} is not a {CALENDAR} session.")
    session_close = _instant(session, close)
    return SessionHours(
        session=session,
        pre_open=_instant(session, _PRE_OPEN),
        session_open=_instant(session, _OPEN),
        session_close=session_close,
        post_close=session_close + _POST_LENGTH,
    )


def sessions_in_range(first: date, last: date) -> list[date]:
    """Return the sessions from `first` to `last`, both included, ascending. Raises DateOutOfBounds."""
    return [on for on in _dates(first, last) if is_session(on)]


def previous_session(on: date) -> date:
    """Return the last session before a date. Raises DateOutOfBounds."""
    on -= timedelta(days=1)
    while not is_session(on):
        on -= timedelta(days=1)
    return on


def next_session(on: date) -> date:
    """Return the first session after a date. Raises DateOutOfBounds."""
    on += timedelta(days=1)
    while not is_session(on):
        on += timedelta(days=1)
    return on


def market_status(now: datetime) -> MarketStatus:
    """Tell what trades at an aware instant. Raises DateOutOfBounds.

    Between a session's post-market and the next pre-market the market is closed until the latter begins.
    """
    today = now.astimezone(NEW_YORK).date()
    session = today if is_session(today) else next_session(today)
    if now >= session_hours(session).post_close:
        session = next_session(session)
    hours = session_hours(session)
    ends = (
        (MarketState.CLOSED, hours.pre_open),
        (MarketState.PRE, hours.session_open),
        (MarketState.REGULAR, hours.session_close),
        (MarketState.POST, hours.post_close),
    )
    return next(MarketStatus(state, session, until) for state, until in ends if now < until)


def last_finished_session(now: datetime) -> date:
    """Return the last session whose post-market is over at an aware instant. Raises DateOutOfBounds."""
    return previous_session(market_status(now).session)


def _dates(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _instant(on: date, at: time) -> datetime:
    return datetime.combine(on, at, tzinfo=NEW_YORK).astimezone(UTC)
