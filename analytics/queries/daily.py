"""Daily averages and OHLCV."""

from collections.abc import Sequence
from datetime import date

from analytics.queries.reader import LakeReader
from analytics.queries.rows import Rows, newest_first


def daily_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (session, symbol), newest session first. Raises NoBars, SymbolUnknown, NotProcessed."""
    return newest_first(reader, "daily", "session", symbols, first, last)
