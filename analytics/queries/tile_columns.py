"""The columns of a tile, read from one part and put on the basis that is asked for.

Adjusted prices are quotients, which no scale holds exactly: they are rounded to a millionth of the currency. Adjusted
volumes are rounded to whole shares.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics.queries.adjustment import Factors
from analytics.queries.arrays import equals, to_numpy
from analytics.queries.columns import MAX_SCALE, Column, encode, encode_integers
from analytics.queries.instants import to_dates, to_minutes
from analytics.queries.provenance import ALL_PHASES
from analytics.queries.reader import TableView
from market.lake.snapshots import Part

# Averages are quotients, so no scale is exact; a hundredth of a cent is far below a pixel and below any quote. Prices
# divided by splits may be small, so that adjusted averages need more.
AVERAGE_SCALE = 4

_PRICES = ("open", "high", "low", "close")
_AVERAGES = ("sma_20", "sma_50", "sma_200", "ema_20", "ema_50", "ema_200")


def bar_columns(view: TableView, part: Part, factors: Factors, *, all_phases: bool) -> tuple[int, dict[str, Column]]:
    """Return the number of rows and the encoded OHLCV of a part's bars that are not quarantined."""
    bars = view.read(part, ("session", "bar_start", "phase", "quarantined", *_PRICES, "volume"))
    keep = ~to_numpy(bars["quarantined"])
    if not all_phases:
        keep &= equals(bars["phase"], "regular")
    prices, volumes = factors.of_sessions(to_dates(bars["session"])[keep])
    columns = {"bar_start": encode_integers(to_minutes(bars["bar_start"])[keep])}
    columns |= {name: encode(to_numpy(bars[name])[keep] * prices) for name in _PRICES}
    columns["volume"] = encode_integers(np.rint(to_numpy(bars["volume"])[keep] * volumes).astype(np.int64))
    if all_phases:
        columns["phase"] = encode_integers(phase_codes(bars["phase"])[keep])
    return int(keep.sum()), columns


def phase_codes(phases: "pa.ChunkedArray[Any]") -> NDArray[np.int64]:
    """Return the position of each phase in `ALL_PHASES`, as the column `phase` of a tile has it."""
    codes = np.zeros(len(phases), dtype=np.int64)
    for code, phase in enumerate(ALL_PHASES):
        codes[equals(phases, phase)] = code
    return codes


def average_columns(view: TableView, part: Part, factors: Factors) -> tuple[int, dict[str, Column]]:
    """Return the number of rows and the encoded moving averages of a part; they know regular bars only."""
    averages = view.read(part, ("session", "bar_start", "close", *_AVERAGES)).sort_by("bar_start")
    prices, _ = factors.of_sessions(to_dates(averages["session"]))
    scale = MAX_SCALE if factors.events else AVERAGE_SCALE
    columns = {
        "bar_start": encode_integers(to_minutes(averages["bar_start"])),
        "close": encode(to_numpy(averages["close"]) * prices),
    }
    columns |= {name: encode(to_numpy(averages[name]).astype(np.float64) * prices, scale) for name in _AVERAGES}
    return averages.num_rows, columns
