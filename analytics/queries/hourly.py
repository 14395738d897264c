"""Hourly averages and OHLCV, by New York clock hour; the 09:00 hour holds 09:30 to 09:59."""

from collections.abc import Sequence
from datetime import date

from analytics.queries.reader import LakeReader
from analytics.queries.rows import Rows, newest_first


def hourly_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (hour, symbol), newest hour first. Raises NoBars, SymbolUnknown, NotProcessed."""
    return newest_first(reader, "hourly", "hour_start", symbols, first, last)
