"""The closes of symbols between two instants, as statistics need them: minute by minute, and at the end of sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analytics.formulas.performance import simple_returns
from analytics.queries.adjustment import Basis, Factors, adjusted_provenance, factors_of_all
from analytics.queries.comparison import Closes, RegularCloses, closes_between, common_minutes
from analytics.queries.instants import Minutes, date_of, instant_of, minute_of
from analytics.queries.provenance import Provenance, provenance_of
from analytics.queries.reader import LakeReader, TableView
from analytics.queries.sessions import session_table
from analytics.queries.symbols import bars_view, require_symbols
from market.calendar import NEW_YORK
from market.lake.snapshots import Part
from market.months import Month

_LAST_MINUTE = 2**40
# Apart by more than any lag or interval, so that nothing measured in minutes reaches over a night.
SESSION_STRIDE = 780


@dataclass(frozen=True)
class Span:
    """Bars that start at or after `start` and before `end` (minutes since 1970), of sessions `first` to `last`."""

    first: date
    last: date
    start: int = 0
    end: int = _LAST_MINUTE

    @classmethod
    def between(cls, start: date | datetime, end: date | datetime) -> "Span":
        """Return the span between two sessions, both included, or between two aware instants, inside which bars lie."""
        first, opens = (start, 0) if not isinstance(start, datetime) else (_day(start), _rounded_up(start))
        last, closes = (end, _LAST_MINUTE) if not isinstance(end, datetime) else (_day(end), minute_of(end))
        return cls(first, last, opens, closes)

    def has_whole(self, opens: Minutes, closes: Minutes) -> NDArray[np.bool_]:
        """Mark the sessions, given by their first minute and the one after their last, that no instant cuts."""
        return (opens >= self.start) & (closes <= self.end)


@dataclass(frozen=True)
class Path:
    """Closes of one symbol at ascending minutes; `sessions` are rows of the calendar."""

    minutes: Minutes
    closes: Closes

    def __len__(self) -> int:
        return len(self.minutes)

    @cached_property
    def sessions(self) -> NDArray[np.int64]:
        return session_table().index_of(self.minutes)

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """Where each session's last minute is."""
        return np.flatnonzero(np.diff(self.sessions, append=-1) != 0).astype(np.int64)

    @cached_property
    def positions(self) -> Minutes:
        """Minutes since the open, session after session, far enough apart that neighbours are of one session."""
        since_open = self.minutes - session_table().opens[self.sessions]
        return self.sessions * SESSION_STRIDE + since_open

    def session_returns(self) -> tuple[NDArray[np.datetime64], Closes]:
        """Return the sessions that follow the one before them without a gap, and their returns from close to close."""
        numbers = self.sessions[self.ends]
        follows = np.diff(numbers) == 1
        return session_table().sessions[numbers[1:][follows]], simple_returns(self.closes[self.ends])[follows]

    def at(self, position: int) -> datetime:
        """Return the instant at which a bar starts."""
        return instant_of(int(self.minutes[position]))

    def session_at(self, position: int) -> date:
        return date_of(session_table().sessions[self.sessions[position]])


@dataclass(frozen=True)
class Paths:
    """Symbols over one span: at their common minutes, or each at its own where they have none in common."""

    span: Span
    paths: Mapping[str, Path]
    matched_minutes: int
    bars: TableView
    parts: Sequence[Part]
    basis: Basis
    factors: Mapping[str, Factors]

    @property
    def are_matched(self) -> bool:
        return self.matched_minutes > 0


def load_paths(reader: LakeReader, symbols: Sequence[str], span: Span, basis: Basis) -> Paths:
    """Return the paths of symbols on a basis, each of which may be empty. Raises NoBars, SymbolUnknown."""
    bars = bars_view(reader)
    require_symbols(bars, symbols)
    factors = factors_of_all(reader, symbols, basis, span.first)
    own = {
        symbol: _within(closes_between(reader, bars, symbol, span.first, span.last), span, factors[symbol])
        for symbol in symbols
    }
    minutes = common_minutes([path.minutes for path in own.values()])
    months = str(Month.of(span.first)), str(Month.of(span.last))
    parts = [part for symbol in symbols for part in bars.parts_of(symbol, *months)]
    if not len(minutes):
        return Paths(span, own, 0, bars, parts, basis, factors)
    matched = {symbol: _at(path, minutes) for symbol, path in own.items()}
    return Paths(span, matched, len(minutes), bars, parts, basis, factors)


def provenance_of_paths(reader: LakeReader, paths: Paths, derived: TableView | None = None) -> Provenance:
    """Describe what was worked out from paths, and from a derived table where one is given."""
    span = paths.span
    provenance = provenance_of(reader, paths.bars, paths.parts, derived, sessions=(span.first, span.last))
    return adjusted_provenance(reader, provenance, paths.basis.adjustment, paths.factors)


def _within(closes: RegularCloses, span: Span, factors: Factors) -> Path:
    rows = slice(*np.searchsorted(closes.minutes, [span.start, span.end]))
    minutes = closes.minutes[rows]
    return Path(minutes, closes.closes[rows] * factors.of_minutes(minutes)[0])


def _at(path: Path, minutes: Minutes) -> Path:
    return Path(minutes, path.closes[np.searchsorted(path.minutes, minutes)])


def _day(instant: datetime) -> date:
    return instant.astimezone(NEW_YORK).date()


def _rounded_up(instant: datetime) -> int:
    return minute_of(instant + timedelta(seconds=59, microseconds=999_999))
