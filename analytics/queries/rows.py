"""Rows of a derived table for several symbols and a range of sessions, newest first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, overload

import pyarrow as pa

from analytics.queries.arrays import to_numpy
from analytics.queries.errors import NotProcessed, RangeTooWide
from analytics.queries.instants import iso_instant
from analytics.queries.provenance import Provenance, provenance_of
from analytics.queries.reader import LakeReader, TableView
from analytics.queries.symbols import bars_view, require_symbols
from market.lake.snapshots import Part
from market.months import Month

Row = dict[str, Any]
MOST_PARTS_OF_MINUTES = 12


@dataclass(frozen=True)
class Made:
    """Rows that were not read from a table, and the parts of `bars` that they were made from."""

    table: pa.Table
    sources: Sequence[Part]


Otherwise = Callable[[TableView, tuple[str, ...]], Made]


@dataclass(frozen=True)
class Rows(Sequence[Row]):
    """A sequence of rows that turns only what is asked for into Python objects; `table` holds them all."""

    table: pa.Table
    provenance: Provenance

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, int):
            return self[index : index + 1 or None][0]
        start, stop, _ = index.indices(len(self))
        return [_plain(row) for row in self.table.slice(start, max(0, stop - start)).to_pylist()]


def newest_first(
    reader: LakeReader, name: str, time_column: str, symbols: Sequence[str], first: date, last: date
) -> Rows:
    """Return the rows of the derived table `name` for the sessions from `first` to `last`, both included.

    Rows descend by `time_column`; within one value they are in the order of `symbols`. Raises NoBars, SymbolUnknown,
    and NotProcessed when the table has none of a symbol's months though `bars` has.
    """
    return newest_first_of(reader, name, time_column, {symbol: (symbol,) for symbol in symbols}, first, last)


def newest_first_of(
    reader: LakeReader,
    name: str,
    time_column: str,
    made_from: Mapping[str, Sequence[str]],
    first: date,
    last: date,
    otherwise: Otherwise | None = None,
) -> Rows:
    """Do the same for parts that are made from the bars of other symbols, as those of pairs are.

    What the table does not have may be made otherwise.
    """
    bars = bars_view(reader)
    require_symbols(bars, list(dict.fromkeys(symbol for sources in made_from.values() for symbol in sources)))
    derived = reader.view(name)
    columns = [column for column in derived.snapshot.table.schema.names if column not in ("symbol", "month")]
    parts: list[Part] = []
    sources_of_parts: list[Part] = []
    tables: list[pa.Table] = []
    for rank, (label, sources) in enumerate(made_from.items()):
        if label not in derived.months and otherwise:
            made = otherwise(bars, tuple(sources))
            tables.append(_with_symbol(made.table.select(columns), label, rank))
            sources_of_parts += made.sources
            continue
        if label not in derived.months:
            raise NotProcessed(name, " and ".join(sources))
        for part in derived.parts_of(label, str(Month.of(first)), str(Month.of(last))):
            parts.append(part)
            sources_of_parts += [Part(symbol, part.month) for symbol in sources]
            tables.append(_with_symbol(reader.read(derived, part, columns), label, rank))
    provenance = provenance_of(reader, bars, dict.fromkeys(sources_of_parts), derived, (first, last), parts)
    schema = _with_symbol(_empty(derived.snapshot.table.schema, columns), "", 0).schema
    table = pa.concat_tables(tables) if tables else schema.empty_table()
    ordered = _within(table, first, last).sort_by([(time_column, "descending"), ("rank", "ascending")])
    return Rows(ordered.drop_columns(["rank"]), provenance)


def newest_minutes(reader: LakeReader, name: str, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return a table with a row per bar as `newest_first` does. Raises RangeTooWide, too."""
    view = reader.view(name)
    months = str(Month.of(first)), str(Month.of(last))
    found = sum(len(view.parts_of(symbol, *months)) for symbol in symbols)
    if found > MOST_PARTS_OF_MINUTES:
        raise RangeTooWide("months of minutes, each symbol's counted,", found, MOST_PARTS_OF_MINUTES)
    return newest_first(reader, name, "bar_start", symbols, first, last)


def _with_symbol(table: pa.Table, symbol: str, rank: int) -> pa.Table:
    symbols = pa.repeat(pa.scalar(symbol), table.num_rows)
    ranks = pa.repeat(pa.scalar(rank), table.num_rows)
    return table.add_column(0, "symbol", symbols).append_column("rank", ranks)


def _empty(schema: pa.Schema, columns: Sequence[str]) -> pa.Table:
    return pa.schema([schema.field(name) for name in columns]).empty_table()


def _within(table: pa.Table, first: date, last: date) -> pa.Table:
    sessions = to_numpy(table["session"].cast(pa.int32()))
    epoch = date(1970, 1, 1)
    return table.filter(pa.array((sessions >= (first - epoch).days) & (sessions <= (last - epoch).days)))


def _plain(row: Mapping[str, Any]) -> Row:
    return {name: _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso_instant(value)
    return value.isoformat() if isinstance(value, date) else value
