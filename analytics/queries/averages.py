"""Moving averages as they stood at the end of each session."""

from datetime import date

import numpy as np
import pyarrow as pa

from analytics.queries.arrays import to_numpy
from analytics.queries.reader import LakeReader
from analytics.queries.rows import Rows, newest_first

NAMES = ("sma_20", "sma_50", "sma_200", "ema_20", "ema_50", "ema_200")


def session_end_averages(reader: LakeReader, symbol: str, first: date, last: date) -> Rows:
    """Return the last bar of each session with its averages, newest first; null while an average warms up.

    Raises NoBars, SymbolUnknown, NotProcessed.
    """
    rows = newest_first(reader, "moving_averages", "bar_start", [symbol], first, last)
    sessions = to_numpy(rows.table["session"].cast(pa.int32()))
    last_bars = pa.array(np.diff(sessions, prepend=-1) != 0)
    return Rows(rows.table.filter(last_bars), rows.provenance)
