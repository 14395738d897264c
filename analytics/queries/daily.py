"""Daily averages and OHLCV."""

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pyarrow as pa

from analytics.queries.adjustment import Adjustment, Factors, adjusted_provenance, factors_of
from analytics.queries.arrays import equals, to_numpy
from analytics.queries.instants import to_dates
from analytics.queries.reader import LakeReader
from analytics.queries.rows import Rows, newest_first

_PRICES = ("open", "high", "low", "close", "mean_open", "mean_high", "mean_low", "mean_close", "vwap_close")
_VOLUMES = ("volume", "volume_all_phases")


def daily_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (session, symbol), newest session first. Raises NoBars, SymbolUnknown, NotProcessed."""
    return newest_first(reader, "daily", "session", symbols, first, last)


def adjusted_daily_rows(
    reader: LakeReader, symbols: Sequence[str], first: date, last: date, adjustment: Adjustment, now: datetime
) -> Rows:
    """Return the same with prices and volumes adjusted for the events that have taken effect by `now`."""
    rows = daily_rows(reader, symbols, first, last)
    if adjustment is Adjustment.RAW:
        return rows
    factors = {symbol: factors_of(reader, symbol, adjustment, now) for symbol in symbols}
    provenance = adjusted_provenance(reader, rows.provenance, adjustment, factors.values())
    return Rows(_adjusted(rows.table, factors), provenance)


def _adjusted(table: pa.Table, factors: dict[str, Factors]) -> pa.Table:
    sessions = to_dates(table["session"])
    prices, volumes = np.ones(len(sessions)), np.ones(len(sessions))
    for symbol, each in factors.items():
        mine = equals(table["symbol"], symbol)
        prices[mine], volumes[mine] = each.of_sessions(sessions[mine])
    for name in (name for name in _PRICES if name in table.column_names):
        table = _set(table, name, pa.array(to_numpy(table[name]) * prices, from_pandas=True))
    for name in (name for name in _VOLUMES if name in table.column_names):
        table = _set(table, name, pa.array(np.rint(to_numpy(table[name]) * volumes).astype(np.int64)))
    return table


def _set(table: pa.Table, name: str, values: "pa.Array[pa.Scalar[pa.DataType]]") -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)
