"""Downloads of what was worked out for a range."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from analytics.api.answers import origin_of
from analytics.api.renderers import Download
from analytics.formulas.figures import Figure
from analytics.queries.figures import rate
from analytics.queries.instants import MICROSECONDS
from analytics.queries.pair_range import PairRange
from analytics.queries.pair_series import PairSeries
from analytics.queries.statistics import Statistics
from analytics.queries.volume_profiles import SymbolProfile

_FIGURES: dict[str, pa.DataType] = {
    **dict.fromkeys(("symbol", "benchmark", "measure"), pa.string()),
    "value": pa.float64(),
    "sample": pa.int64(),
    **dict.fromkeys(("sample_of", "warning", "reason"), pa.string()),
}
_BINS: dict[str, pa.DataType] = dict.fromkeys(("price_from", "price_to", "volume", "share"), pa.float64())


def statistics_download(statistics: Statistics) -> Download:
    """Return one row per figure; of a symbol alone, or against the benchmark."""
    rows = [row for each in statistics.symbols for row in _rows(each.symbol, None, each.figures)]
    rows += [row for each in statistics.relative for row in _rows(each.symbol, each.benchmark, each.figures)]
    names = [each.symbol for each in statistics.symbols]
    about = [
        f"StockCompare, statistics of {', '.join(names)}",
        f"Sharpe and Sortino ratios with a risk-free rate of {rate(statistics.risk_free)} a year",
        *origin_of(statistics.provenance),
    ]
    return Download(f"statistics-{'-'.join(names)}", about, _figures(rows))


def pair_download(pair: PairRange) -> Download:
    a, b = pair.symbols
    rows = [*_rows(a, b, pair.figures), *_rows(a, b, pair.sessions.figures)]
    about = [
        f"StockCompare, {a} against {b}, {pair.matched_minutes} matched minutes",
        *origin_of(pair.provenance),
    ]
    return Download(f"pair-{a}-{b}", about, _figures(rows))


def pair_series_download(series: PairSeries) -> Download:
    a, b = series.symbols
    starts = pa.array(series.bar_starts * MICROSECONDS).cast(pa.timestamp("us", tz="UTC"))
    columns = {name: pa.array(values, mask=np.isnan(values)) for name, values in series.columns.items()}
    about = [
        f"StockCompare, {a} against {b}, {series.timeframe} buckets, windows of {series.window}",
        *origin_of(series.provenance),
    ]
    return Download(f"pair-series-{a}-{b}-{series.timeframe}", about, pa.table({"bar_start": starts, **columns}))


def profile_download(profile: SymbolProfile) -> Download:
    about = [
        f"StockCompare, volume of {profile.symbol} by typical price of {profile.sample} minutes",
        *origin_of(profile.provenance),
    ]
    return Download(
        f"volume-profile-{profile.symbol}", about, pa.Table.from_pylist(profile.bins(), schema=pa.schema(_BINS))
    )


def _rows(symbol: str, benchmark: str | None, figures: Mapping[str, Figure]) -> Iterator[dict[str, Any]]:
    for name, figure in figures.items():
        yield {"symbol": symbol, "benchmark": benchmark, "measure": name, **figure.to_json()}


def _figures(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=pa.schema(_FIGURES))
