"""What each bar was like, and each minute of the session by month."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from analytics.queries.errors import NotProcessed
from analytics.queries.provenance import provenance_of
from analytics.queries.reader import LakeReader
from analytics.queries.rows import Rows, newest_minutes
from analytics.queries.symbols import bars_view, require_symbols
from market.months import Month


def indicator_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (bar, symbol), newest first. Raises NoBars, SymbolUnknown, NotProcessed, RangeTooWide."""
    return newest_minutes(reader, "indicators", symbols, first, last)


def return_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (bar, symbol), newest first. Raises NoBars, SymbolUnknown, NotProcessed, RangeTooWide."""
    return newest_minutes(reader, "returns", symbols, first, last)


def average_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (bar, symbol), newest first. Raises NoBars, SymbolUnknown, NotProcessed, RangeTooWide."""
    return newest_minutes(reader, "moving_averages", symbols, first, last)


def seasonality_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (month, minute since the open, symbol), the newest month first and its minutes ascending.

    The months are those that the range touches, and whole. Raises NoBars, SymbolUnknown, NotProcessed.
    """
    bars, seasonality = bars_view(reader), reader.view("seasonality")
    require_symbols(bars, symbols)
    schema = seasonality.snapshot.table.schema
    columns = [name for name in schema.names if name not in ("symbol", "month")]
    parts, tables = [], [schema.empty_table()]
    for symbol in symbols:
        if symbol not in seasonality.months:
            raise NotProcessed("seasonality", symbol)
        for part in seasonality.parts_of(symbol, str(Month.of(first)), str(Month.of(last))):
            table = reader.read(seasonality, part, columns)
            keys = {"symbol": part.symbol, "month": part.month}
            for position, (name, value) in enumerate(keys.items()):
                table = table.add_column(position, name, pa.repeat(pa.scalar(value), table.num_rows))
            parts.append(part)
            tables.append(table)
    order = [("month", "descending"), ("minute_of_session", "ascending"), ("symbol", "ascending")]
    rows = pa.concat_tables(tables).sort_by(order)  # type: ignore[arg-type]  # the stub wants literals
    return Rows(rows, provenance_of(reader, bars, parts, seasonality))
