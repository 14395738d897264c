"""How complete and how fresh the bars are, and whether the market is open."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from analytics.queries.instants import iso_instant, minute_of
from analytics.queries.provenance import SYNTHETIC
from analytics.queries.reader import LakeReader, TableView
from analytics.queries.sessions import session_table
from analytics.queries.summaries import PartSummary
from analytics.queries.symbols import bars_view, require_symbols
from market.calendar import (
    CALENDAR,
    NEW_YORK,
    SessionHours,
    is_session,
    previous_session,
    session_hours,
    sessions_in_range,
)
from market.finality import Standing, standing_of
from market.lake.snapshots import Part


class MarketPhase(StrEnum):
    """What the exchange is doing: extended trading before or after, the regular session, or nothing."""

    PRE = "pre"
    OPEN = "open"
    POST = "post"
    CLOSED = "closed"


@dataclass(frozen=True)
class MarketState:
    """`session` is the one running or, when closed, the last one; all instants are aware UTC."""

    state: MarketPhase
    half_day: bool
    session: SessionHours
    next_session: SessionHours

    def to_json(self) -> dict[str, Any]:
        return {
            "calendar": CALENDAR,
            "state": self.state.value,
            "half_day": self.half_day,
            "session": self.session.session.isoformat(),
            "session_open": iso_instant(self.session.session_open),
            "session_close": iso_instant(self.session.session_close),
            "next_session": self.next_session.session.isoformat(),
            "next_open": iso_instant(self.next_session.session_open),
        }


@dataclass(frozen=True)
class Coverage:
    """Regular minutes from a symbol's first bar to the close of its last session, or its last bar while that runs.

    `expected_minutes` is the sum of the other three counts. Sessions count from the symbol's first to its last: `final`
    is a provider's last word, `provisional` may still change, `missing` has no bar. `behind_sessions` have ended since.
    """

    symbol: str
    provider: str
    first_session: date
    last_session: date
    expected_minutes: int
    present_minutes: int
    missing_minutes: int
    quarantined_minutes: int
    final_sessions: int
    provisional_sessions: int
    missing_sessions: int
    behind_sessions: int
    last_bar_start: datetime
    fetched_at: datetime
    processed_at: datetime | None

    @property
    def synthetic(self) -> bool:
        return SYNTHETIC in self.provider.split(", ")

    def to_json(self) -> dict[str, Any]:
        return {
            "symbol": self.symbol,
            "provider": self.provider,
            "synthetic": self.synthetic,
            "first_session": self.first_session.isoformat(),
            "last_session": self.last_session.isoformat(),
            "expected_minutes": self.expected_minutes,
            "present_minutes": self.present_minutes,
            "missing_minutes": self.missing_minutes,
            "quarantined_minutes": self.quarantined_minutes,
            "final_sessions": self.final_sessions,
            "provisional_sessions": self.provisional_sessions,
            "missing_sessions": self.missing_sessions,
            "behind_sessions": self.behind_sessions,
            "last_bar_start": iso_instant(self.last_bar_start),
            "fetched_at": iso_instant(self.fetched_at),
            "processed_at": self.processed_at and iso_instant(self.processed_at),
        }


def market_state(now: datetime) -> MarketState:
    """Return the state of the exchange at an aware instant. Raises DateOutOfBounds."""
    today = now.astimezone(NEW_YORK).date()
    if is_session(today) and now >= session_hours(today).pre_open:
        hours = session_hours(today)
    else:
        hours = session_hours(previous_session(today))
    return MarketState(_phase(hours, now), hours.is_half_day, hours, session_hours(_next_session(hours.session)))


def coverage(reader: LakeReader, now: datetime, symbols: Sequence[str] | None = None) -> list[Coverage]:
    """Return the coverage of the symbols, or of every symbol. Raises NoBars, SymbolUnknown."""
    bars, daily = bars_view(reader), reader.view("daily")
    require_symbols(bars, symbols or [])
    return [_coverage(reader, bars, daily, symbol, now) for symbol in symbols or bars.months]


def _coverage(reader: LakeReader, bars: TableView, daily: TableView, symbol: str, now: datetime) -> Coverage:
    parts = [Part(symbol, month) for month in bars.months[symbol]]
    summaries = [reader.summary(bars, part) for part in parts]
    first, last = summaries[0], summaries[-1]
    present = sum(summary.present for summary in summaries)
    quarantined = sum(summary.quarantined_regular for summary in summaries)
    expected = _expected(minute_of(first.first_bar_start), minute_of(last.last_bar_start), now)
    standings = _standings(summaries)
    committed = [daily.committed_at(part) for part in parts if part in daily.parts]
    return Coverage(
        symbol=symbol,
        provider=last.provider,
        first_session=first.first_session,
        last_session=last.last_session,
        expected_minutes=expected,
        present_minutes=present,
        missing_minutes=expected - present - quarantined,
        quarantined_minutes=quarantined,
        final_sessions=standings[Standing.FINAL],
        provisional_sessions=standings[Standing.PROVISIONAL],
        missing_sessions=standings[Standing.MISSING],
        behind_sessions=_ended_since(last.last_session, now),
        last_bar_start=last.last_bar_start,
        fetched_at=max(summary.fetched_at for summary in summaries),
        processed_at=max((instant for instant in committed if instant), default=None),
    )


def _standings(summaries: Sequence[PartSummary]) -> Counter[Standing]:
    fetched = {session: summary.fetched_at for summary in summaries for session in summary.sessions}
    sessions = sessions_in_range(min(fetched), max(fetched))
    return Counter(standing_of(session, fetched.get(session)) for session in sessions)


def _ended_since(last: date, now: datetime) -> int:
    """Return how many sessions after a symbol's last one have closed."""
    later = sessions_in_range(last + timedelta(days=1), now.astimezone(NEW_YORK).date())
    return sum(session_hours(session).session_close <= now for session in later)


def _expected(first: int, last: int, now: datetime) -> int:
    table = session_table()
    close = table.close_of(last)
    return table.count_between(first, close if close <= minute_of(now) else last + 1)


def _phase(hours: SessionHours, now: datetime) -> MarketPhase:
    if now >= hours.post_close:
        return MarketPhase.CLOSED
    if now >= hours.session_close:
        return MarketPhase.POST
    return MarketPhase.OPEN if now >= hours.session_open else MarketPhase.PRE


def _next_session(session: date) -> date:
    following = session + timedelta(days=1)
    while not is_session(following):
        following += timedelta(days=1)
    return following
