"""Two symbols along a range: rebased, their ratio, and how they move together in a window that travels along."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.formulas.arrays import Floats
from analytics.formulas.rolling import rolling_correlation, rolling_spread_zscore
from analytics.queries.adjustment import Basis
from analytics.queries.columns import encode, encode_integers
from analytics.queries.comparison import MAX_ROWS
from analytics.queries.errors import NoOverlap
from analytics.queries.instants import Minutes
from analytics.queries.paths import Paths, Span, load_paths, provenance_of_paths
from analytics.queries.provenance import Provenance
from analytics.queries.reader import LakeReader
from analytics.queries.sessions import session_table
from analytics.queries.timeframes import Timeframe, bucket_starts, finest_within, last_in_bucket

BASE = 100.0
_ALONG_SESSIONS = (Timeframe.DAY,)


@dataclass(frozen=True)
class PairSeries:
    """One row per bucket with a matched minute; NaN while a window fills and where it shows nothing."""

    symbols: tuple[str, str]
    timeframe: Timeframe
    window: int
    matched_minutes: int
    bar_starts: Minutes
    columns: dict[str, Floats]
    provenance: Provenance

    def to_json(self) -> dict[str, Any]:
        return {
            "symbol_a": self.symbols[0],
            "symbol_b": self.symbols[1],
            "timeframe": self.timeframe.value,
            "window": self.window,
            "matched_minutes": self.matched_minutes,
            "rows": len(self.bar_starts),
            "columns": {
                "bar_start": encode_integers(self.bar_starts),
                **{name: encode(values) for name, values in self.columns.items()},
            },
            "provenance": self.provenance.to_json(),
        }


def pair_series(
    reader: LakeReader,
    symbols: Sequence[str],
    span: Span,
    basis: Basis,
    window: int,
    timeframe: Timeframe | None = None,
) -> PairSeries:
    """Follow two symbols through their common minutes. Raises NoBars, SymbolUnknown, NoOverlap."""
    paths = load_paths(reader, symbols, span, basis)
    if not paths.are_matched:
        raise NoOverlap(f"{' and '.join(symbols)} share no minute between {span.first} and {span.last}.")
    minutes = paths.paths[symbols[0]].minutes
    frame = timeframe or finest_within(minutes, MAX_ROWS)
    starts = bucket_starts(minutes, frame)
    kept = last_in_bucket(starts)
    a, b = (paths.paths[symbol].closes[kept] for symbol in symbols)
    return PairSeries(
        symbols=(symbols[0], symbols[1]),
        timeframe=frame,
        window=window,
        matched_minutes=paths.matched_minutes,
        bar_starts=starts[kept],
        columns=_columns(paths, symbols, (a, b), _inside(starts[kept], frame), window),
        provenance=provenance_of_paths(reader, paths),
    )


def _columns(
    paths: Paths, symbols: Sequence[str], closes: tuple[Floats, Floats], inside: Any, window: int
) -> dict[str, Floats]:
    a, b = closes
    base = float(paths.paths[symbols[0]].closes[0]), float(paths.paths[symbols[1]].closes[0])
    return {
        **rebased(a, b, base),
        "rolling_correlation": _correlation(a, b, inside, window),
        "spread_zscore": rolling_spread_zscore(a, b, window),
    }


def rebased(a: Floats, b: Floats, base: tuple[float, float]) -> dict[str, Floats]:
    """Return both prices and their ratio as if they had begun at 100; `base` are the closes of the first minute."""
    grown_a, grown_b = a / base[0], b / base[1]
    return {
        "rebased_a": BASE * grown_a,
        "rebased_b": BASE * grown_b,
        "relative_strength": BASE * (grown_a / grown_b),
    }


def _inside(starts: Minutes, frame: Timeframe) -> Any:
    """Mark the rows whose return from the row before is within a session; of sessions, all but the first."""
    if frame in _ALONG_SESSIONS:
        return np.arange(len(starts)) > 0
    return np.diff(session_table().index_of(starts), prepend=-1) == 0


def _correlation(a: Floats, b: Floats, inside: Any, window: int) -> Floats:
    result = np.full(len(a), np.nan)
    returns = [np.diff(np.log(closes), prepend=np.nan)[inside] for closes in (a, b)]
    result[inside] = rolling_correlation(returns[0], returns[1], window)
    return result
