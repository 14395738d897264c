"""Symbols side by side: only the minutes in which each of them traded, from the first such minute on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics.queries.adjustment import Adjustment, Basis, adjusted_provenance, factors_of_all
from analytics.queries.arrays import equals, to_numpy
from analytics.queries.columns import encode, encode_integers
from analytics.queries.errors import NoOverlap
from analytics.queries.instants import Minutes, date_of, instant_of, iso_instant, minute_of, to_minutes
from analytics.queries.provenance import Provenance, provenance_of
from analytics.queries.reader import LakeReader, TableView
from analytics.queries.sessions import session_table
from analytics.queries.symbols import bars_view, require_symbols
from analytics.queries.timeframes import Timeframe, bucket_starts, finest_within, last_in_bucket
from market.lake.snapshots import Part
from market.months import Month

MAX_ROWS = 12_000
Closes = NDArray[np.float64]
_COLUMNS = ("bar_start", "phase", "quarantined", "close")


@dataclass(frozen=True)
class RegularCloses:
    """Closes of regular, not quarantined bars, ascending by minute."""

    minutes: Minutes
    closes: Closes

    @property
    def nbytes(self) -> int:
        return self.minutes.nbytes + self.closes.nbytes


@dataclass(frozen=True)
class ComparedSeries:
    """One symbol of a comparison; `cumulative_return` is a fraction of `first_close`, the close of the base minute."""

    symbol: str
    closes: Closes
    first_close: float

    @property
    def last_close(self) -> float:
        return float(self.closes[-1])

    @property
    def cumulative_return(self) -> float:
        return self.last_close / self.first_close - 1.0


@dataclass(frozen=True)
class Comparison:
    """Matched regular minutes of two or more symbols, or buckets of them with the last matched close of each.

    `bar_starts` are the starts of the buckets and `base_minute` is the first matched minute, in minutes since 1970.
    `missing_minutes` counts, for each symbol, the regular minutes of the calendar without a usable bar from the base
    minute to the last close that has passed (or the last bar of a session that has not ended).
    """

    timeframe: Timeframe
    base_minute: int
    last_minute: int
    bar_starts: Minutes
    series: tuple[ComparedSeries, ...]
    matched_minutes: int
    missing_minutes: Mapping[str, int]
    provenance: Provenance

    @property
    def symbols(self) -> list[str]:
        return [each.symbol for each in self.series]

    @property
    def base_session(self) -> date:
        return session_of(self.base_minute)

    @property
    def last_session(self) -> date:
        return session_of(self.last_minute)

    def to_json(self) -> dict[str, Any]:
        return {
            "symbols": self.symbols,
            "timeframe": self.timeframe.value,
            "base": {"bar_start": iso_instant(instant_of(self.base_minute)), "session": self.base_session.isoformat()},
            "last": {"bar_start": iso_instant(instant_of(self.last_minute)), "session": self.last_session.isoformat()},
            "matched_minutes": self.matched_minutes,
            "missing_minutes": dict(self.missing_minutes),
            "rows": len(self.bar_starts),
            "columns": {
                "bar_start": encode_integers(self.bar_starts),
                **{each.symbol: encode(each.closes) for each in self.series},
            },
            "series": [
                {
                    "symbol": each.symbol,
                    "first_close": each.first_close,
                    "last_close": each.last_close,
                    "cumulative_return": each.cumulative_return,
                }
                for each in self.series
            ],
            "provenance": self.provenance.to_json(),
        }


@dataclass(frozen=True)
class Match:
    """The minutes in which every symbol traded, ascending, with the closes of each; at least one minute."""

    minutes: Minutes
    closes: Mapping[str, Closes]
    missing_minutes: Mapping[str, int]
    provenance: Provenance

    def compared(self, timeframe: Timeframe | None = None, max_rows: int = MAX_ROWS) -> Comparison:
        """Return the comparison in a timeframe, or in the finest that gives at most `max_rows` rows."""
        frame = timeframe or finest_within(self.minutes, max_rows)
        starts = bucket_starts(self.minutes, frame)
        kept = last_in_bucket(starts)
        return Comparison(
            timeframe=frame,
            base_minute=int(self.minutes[0]),
            last_minute=int(self.minutes[-1]),
            bar_starts=starts[kept],
            series=tuple(ComparedSeries(symbol, at[kept], float(at[0])) for symbol, at in self.closes.items()),
            matched_minutes=len(self.minutes),
            missing_minutes=self.missing_minutes,
            provenance=self.provenance,
        )


def compare(
    reader: LakeReader,
    symbols: Sequence[str],
    first: date,
    last: date,
    now: datetime,
    timeframe: Timeframe | None = None,
    max_rows: int = MAX_ROWS,
    adjustment: Adjustment = Adjustment.RAW,
) -> Comparison:
    """Compare symbols over the sessions from `first` to `last`, both included.

    Without a timeframe it takes the finest that gives at most `max_rows` rows. Raises NoBars, SymbolUnknown, NoOverlap.
    """
    return match(reader, symbols, first, last, now, adjustment).compared(timeframe, max_rows)


def match(
    reader: LakeReader,
    symbols: Sequence[str],
    first: date,
    last: date,
    now: datetime,
    adjustment: Adjustment = Adjustment.RAW,
) -> Match:
    """Match symbols over the sessions from `first` to `last`, both included. Raises as `compare` does."""
    bars = bars_view(reader)
    require_symbols(bars, symbols)
    usable = {symbol: closes_between(reader, bars, symbol, first, last) for symbol in symbols}
    minutes = common_minutes([each.minutes for each in usable.values()])
    if not len(minutes):
        raise NoOverlap(_no_overlap(reader, bars, symbols, first, last))
    missing = _missing(usable, int(minutes[0]), now)
    parts = [part for symbol in symbols for part in _parts(bars, symbol, first, last)]
    factors = factors_of_all(reader, symbols, Basis(adjustment, now), first)
    closes = {symbol: each.closes[np.searchsorted(each.minutes, minutes)] for symbol, each in usable.items()}
    provenance = provenance_of(
        reader, bars, parts, sessions=(first, last), matched_minutes=len(minutes), missing_minutes=missing
    )
    return Match(
        minutes=minutes,
        closes={symbol: each * factors[symbol].of_minutes(minutes)[0] for symbol, each in closes.items()},
        missing_minutes=missing,
        provenance=adjusted_provenance(reader, provenance, adjustment, factors),
    )


def session_of(minute: int) -> date:
    """Return the session that a regular minute belongs to."""
    table = session_table()
    return date_of(table.sessions[table.index_of(np.array([minute]))[0]])


def regular_closes(reader: LakeReader, bars: TableView, part: Part) -> RegularCloses:
    """Return the closes of a part's regular, not quarantined bars."""
    return reader.derive(bars, part, _COLUMNS, _usable)


def _usable(bars: pa.Table) -> RegularCloses:
    usable = equals(bars["phase"], "regular") & ~to_numpy(bars["quarantined"])
    return RegularCloses(to_minutes(bars["bar_start"])[usable], to_numpy(bars["close"])[usable])


def _parts(bars: TableView, symbol: str, first: date, last: date) -> list[Part]:
    return bars.parts_of(symbol, str(Month.of(first)), str(Month.of(last)))


def closes_between(reader: LakeReader, bars: TableView, symbol: str, first: date, last: date) -> RegularCloses:
    """Return the closes of the sessions from `first` to `last`, both included."""
    sessions = session_table().between(first, last)
    start, end = (int(sessions.opens[0]), int(sessions.opens[-1] + sessions.lengths[-1])) if len(sessions) else (0, 0)
    of_parts = [regular_closes(reader, bars, part) for part in _parts(bars, symbol, first, last)]
    minutes = np.concatenate([np.zeros(0, dtype=np.int64), *(each.minutes for each in of_parts)])
    closes = np.concatenate([np.zeros(0), *(each.closes for each in of_parts)])
    rows = slice(*np.searchsorted(minutes, [start, end]))
    return RegularCloses(minutes[rows], closes[rows])


def common_minutes(each: Sequence[Minutes]) -> Minutes:
    """Return the minutes that are in all of one or more ascending arrays."""
    return reduce(_common, each)


def _common(one: Minutes, other: Minutes) -> Minutes:
    # Both ascend, so a search does; numpy's own intersection would sort them again, which takes five times as long.
    if not len(other):
        return other
    found = np.searchsorted(other, one).clip(max=len(other) - 1)
    common: Minutes = one[other[found] == one]
    return common


def _missing(usable: Mapping[str, RegularCloses], base: int, now: datetime) -> dict[str, int]:
    table = session_table()
    last = max(int(each.minutes[-1]) for each in usable.values())
    close = table.close_of(last)
    # In a session that still runs, minutes after the last bar are not missing but not fetched yet.
    end = close if close <= minute_of(now) else last + 1
    expected = table.count_between(base, end)
    return {symbol: expected - int((each.minutes >= base).sum()) for symbol, each in usable.items()}


def _no_overlap(reader: LakeReader, bars: TableView, symbols: Sequence[str], first: date, last: date) -> str:
    spans = []
    for symbol in symbols:
        months = bars.months[symbol]
        begins = reader.summary(bars, Part(symbol, months[0])).first_session
        ends = reader.summary(bars, Part(symbol, months[-1])).last_session
        spans.append(f"{symbol} from {begins} to {ends}")
    return (
        f"{' and '.join(symbols)} share no minute between {first} and {last}. "
        f"There are bars of {', '.join(spans)}; choose a range inside."
    )
