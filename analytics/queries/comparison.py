"""Symbols side by side: only the minutes in which each of them traded, from the first such minute on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.queries.arrays import equals, to_numpy
from analytics.queries.columns import encode, encode_integers
from analytics.queries.errors import NoOverlap
from analytics.queries.instants import Minutes, date_of, instant_of, iso_instant, minute_of, to_minutes
from analytics.queries.provenance import Provenance, provenance_of
from analytics.queries.reader import LakeReader, TableView
from analytics.queries.sessions import session_table
from analytics.queries.symbols import bars_view, require_symbols
from analytics.queries.timeframes import Timeframe, bucket_starts, finest_within, last_in_bucket
from market.lake.tables import Part
from market.months import Month

MAX_ROWS = 12_000
Closes = NDArray[np.float64]
_COLUMNS = ("bar_start", "phase", "quarantined", "close")


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


def compare(
    reader: LakeReader,
    symbols: Sequence[str],
    first: date,
    last: date,
    now: datetime,
    timeframe: Timeframe | None = None,
    max_rows: int = MAX_ROWS,
) -> Comparison:
    """Compare symbols over the sessions from `first` to `last`, both included.

    Without a timeframe it takes the finest that gives at most `max_rows` rows. Raises NoBars, SymbolUnknown, NoOverlap.
    """
    bars = bars_view(reader)
    require_symbols(bars, symbols)
    minutes_of, closes_of = _read(reader, bars, symbols, first, last)
    matched = reduce(_common, minutes_of.values())
    if not len(matched):
        raise NoOverlap(_no_overlap(reader, bars, symbols, first, last))
    frame = timeframe or finest_within(matched, max_rows)
    starts = bucket_starts(matched, frame)
    kept = last_in_bucket(starts)
    at_match = {symbol: closes_of[symbol][np.isin(minutes_of[symbol], matched)] for symbol in symbols}
    missing = _missing(minutes_of, int(matched[0]), now)
    parts = [part for symbol in symbols for part in _parts(bars, symbol, first, last)]
    return Comparison(
        timeframe=frame,
        base_minute=int(matched[0]),
        last_minute=int(matched[-1]),
        bar_starts=starts[kept],
        series=tuple(ComparedSeries(symbol, at[kept], float(at[0])) for symbol, at in at_match.items()),
        matched_minutes=len(matched),
        missing_minutes=missing,
        provenance=provenance_of(
            reader, bars, parts, sessions=(first, last), matched_minutes=len(matched), missing_minutes=missing
        ),
    )


def session_of(minute: int) -> date:
    """Return the session that a regular minute belongs to."""
    table = session_table()
    return date_of(table.sessions[table.index_of(np.array([minute]))[0]])


def regular_closes(reader: LakeReader, bars: TableView, part: Part) -> tuple[Minutes, Closes]:
    """Return the minutes and closes of a part's regular, not quarantined bars, ascending."""
    table = reader.read(bars, part, _COLUMNS)
    usable = equals(table["phase"], "regular") & ~to_numpy(table["quarantined"])
    return to_minutes(table["bar_start"])[usable], to_numpy(table["close"])[usable]


def _parts(bars: TableView, symbol: str, first: date, last: date) -> list[Part]:
    return bars.parts_of(symbol, str(Month.of(first)), str(Month.of(last)))


def _read(
    reader: LakeReader, bars: TableView, symbols: Sequence[str], first: date, last: date
) -> tuple[dict[str, Minutes], dict[str, Closes]]:
    sessions = session_table().between(first, last)
    start, end = (int(sessions.opens[0]), int(sessions.opens[-1] + sessions.lengths[-1])) if len(sessions) else (0, 0)
    minutes_of, closes_of = {}, {}
    for symbol in symbols:
        of_parts = [regular_closes(reader, bars, part) for part in _parts(bars, symbol, first, last)]
        minutes = np.concatenate([np.zeros(0, dtype=np.int64), *(minutes for minutes, _ in of_parts)])
        closes = np.concatenate([np.zeros(0), *(closes for _, closes in of_parts)])
        rows = slice(*np.searchsorted(minutes, [start, end]))
        minutes_of[symbol], closes_of[symbol] = minutes[rows], closes[rows]
    return minutes_of, closes_of


def _common(one: Minutes, other: Minutes) -> Minutes:
    return np.intersect1d(one, other, assume_unique=True)


def _missing(minutes_of: Mapping[str, Minutes], base: int, now: datetime) -> dict[str, int]:
    table = session_table()
    last = max(int(minutes[-1]) for minutes in minutes_of.values())
    close = table.close_of(last)
    # In a session that still runs, minutes after the last bar are not missing but not fetched yet.
    end = close if close <= minute_of(now) else last + 1
    expected = table.count_between(base, end)
    return {symbol: expected - int((minutes >= base).sum()) for symbol, minutes in minutes_of.items()}


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
