"""The sessions of one symbol from the table `daily`, those that a span holds whole."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics.formulas.arrays import Floats
from analytics.formulas.performance import simple_returns
from analytics.formulas.realised import garman_klass, parkinson, rogers_satchell
from analytics.queries.adjustment import Factors
from analytics.queries.arrays import to_numpy
from analytics.queries.errors import NotProcessed
from analytics.queries.instants import to_dates
from analytics.queries.paths import Span
from analytics.queries.reader import LakeReader
from analytics.queries.sessions import session_table
from market.months import Month

_COLUMNS = ("session", "open", "high", "low", "close", "volume", "vwap_close")


@dataclass(frozen=True)
class Days:
    """Prices and volume of whole sessions, ascending; `numbers` are rows of the calendar."""

    numbers: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    turnover: Floats

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def _follows(self) -> NDArray[np.bool_]:
        follows: NDArray[np.bool_] = np.diff(self.numbers) == 1
        return follows

    @cached_property
    def nights(self) -> Floats:
        """Returns from a session's close to the open of the very next session."""
        returns: Floats = (self.open[1:] / self.close[:-1] - 1)[self._follows]
        return returns

    @cached_property
    def illiquidity(self) -> Floats:
        """Amihud's |R| / (Σ c·v) of sessions with volume that follow the one before."""
        moves, turnover = np.abs(simple_returns(self.close))[self._follows], self.turnover[1:][self._follows]
        traded = turnover > 0
        ratios: Floats = moves[traded] / turnover[traded]
        return ratios

    def mean_turnover(self) -> float:
        return float(np.nansum(self.turnover) / len(self)) if len(self) else np.nan

    def range_variances(self) -> dict[str, float]:
        """Return the mean variance of a session by each measure of its range."""
        if not len(self):
            return dict.fromkeys(("parkinson", "garman_klass", "rogers_satchell"), np.nan)
        bars = list(zip(self.open, self.high, self.low, self.close, strict=True))
        return {
            "parkinson": float(np.mean([parkinson(high, low) for _, high, low, _ in bars])),
            "garman_klass": float(np.mean([garman_klass(*bar) for bar in bars])),
            "rogers_satchell": float(np.mean([rogers_satchell(*bar) for bar in bars])),
        }

    def yang_zhang(self) -> float:
        """Return Yang and Zhang's variance of a day, of the sessions that follow the one before; NaN under two."""
        count = len(self.nights)
        if count < 2:
            return np.nan
        opened, high, low, close = (
            values[1:][self._follows] for values in (self.open, self.high, self.low, self.close)
        )
        inside = float(np.mean([rogers_satchell(*bar) for bar in zip(opened, high, low, close, strict=True)]))
        weight = 0.34 / (1.34 + (count + 1) / (count - 1))
        night, day = np.log1p(self.nights).var(ddof=1), np.log(close / opened).var(ddof=1)
        return float(night + weight * day + (1 - weight) * inside)


def load_days(reader: LakeReader, symbol: str, span: Span, factors: Factors) -> Days:
    """Return the sessions of a symbol that the span holds whole, possibly none, adjusted. Raises NotProcessed."""
    daily = reader.view("daily")
    if symbol not in daily.months:
        raise NotProcessed("daily", symbol)
    parts = daily.parts_of(symbol, str(Month.of(span.first)), str(Month.of(span.last)))
    tables = [reader.read(daily, part, _COLUMNS) for part in parts]
    rows = pa.concat_tables(tables).sort_by("session") if tables else None
    if rows is None:
        return _days(np.zeros(0, np.int64), np.zeros((len(_COLUMNS) - 1, 0)), np.ones(0))
    table = session_table()
    days = to_dates(rows["session"])
    numbers = np.searchsorted(table.sessions, days).astype(np.int64)
    opens = table.opens[numbers]
    kept = span.has_whole(opens, opens + table.lengths[numbers])
    kept &= (days >= np.datetime64(span.first)) & (days <= np.datetime64(span.last))
    figures = np.array([to_numpy(rows[name]).astype(np.float64) for name in _COLUMNS[1:]])
    return _days(numbers[kept], figures[:, kept], factors.of_sessions(days[kept])[0])


def _days(numbers: NDArray[np.int64], figures: Floats, by: Floats) -> Days:
    opened, high, low, close, volume, vwap = figures
    # Without volume there is no mean price, and nothing was turned over. A split leaves the dollars that were.
    turnover = np.where(volume > 0, volume * vwap, 0.0)
    return Days(numbers, opened * by, high * by, low * by, close * by, turnover)
