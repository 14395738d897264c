"""Read the content of one file into rows: symbol (or none), naive stamp, prices and volume."""

import csv as text_csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from market.calendar import FIRST_DATE, LAST_DATE
from market.providers.files.columns import VALUES, ColumnMap, Layout, NoBars, layout_of
from market.providers.files.stamps import read_stamps
from market.providers.labels import Label, Stamps
from market.providers.zones import Zone

_DELIMITERS = ",;\t|"
_MINUTE = 60
_FIRST, _LAST = np.datetime64(FIRST_DATE, "s"), np.datetime64(LAST_DATE, "s")
_FEW = 20


class FileUnreadable(ValueError):
    """The file holds no bars that can be taken; the message says why."""


@dataclass(frozen=True, slots=True)
class FileRows:
    """Rows of one file in its own order. `symbols` is None where the file's name says whose they are.

    What is certain is documented of the format beyond doubt; what is usual only where the stamps do not tell.
    """

    layout: str
    stamps: Stamps
    values: pa.Table
    symbols: "pa.ChunkedArray[Any] | None" = None
    certain_zone: Zone | None = None
    certain_label: Label | None = None
    usual_zone: Zone | None = None
    usual_label: Label | None = None


def read_text(content: bytes, columns: ColumnMap) -> FileRows:
    """Read CSV, whatever its delimiter and layout. Raises FileUnreadable, NoBars, LayoutUnknown and others."""
    head = content[:4096].partition(b"\n")[0].decode("utf-8-sig", "replace").rstrip("\r")
    delimiter = max(_DELIMITERS, key=head.count)
    try:
        first_line = next(text_csv.reader([head], delimiter=delimiter), [])
    except text_csv.Error as error:
        raise FileUnreadable(f"its first line is no line of a table: {error}") from error
    layout = layout_of(first_line, columns)
    if content and not content.endswith((b"\n", b"\r")):
        # Many programs leave the last line open, and a file that was cut looks the same.
        content = _without_half_a_line(content, delimiter, len(first_line))
    return _rows(_read_csv(content, layout, delimiter, len(first_line)), layout)


def _without_half_a_line(content: bytes, delimiter: str, width: int) -> bytes:
    last = content[content.rfind(b"\n") + 1 :]
    if last.count(delimiter.encode()) != width - 1:
        raise FileUnreadable("the last line is incomplete; the file was cut off")
    return content + b"\n"


def read_parquet(content: bytes, columns: ColumnMap) -> FileRows:
    """Read a Parquet file; a stamp column with a time zone states UTC."""
    with _parquet_errors():
        file = pq.ParquetFile(pa.BufferReader(content))
        stored = list(file.schema_arrow.names)
    layout = layout_of(stored, columns)
    with _parquet_errors():
        names = [stored[position] for position in layout.positions.values()]
        table = file.read(columns=names).rename_columns(list(layout.positions))
    return _rows(table, layout)


@contextmanager
def _parquet_errors() -> Iterator[None]:
    """Raise FileUnreadable for whatever a damaged file leads the library to."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise FileUnreadable(f"it is no Parquet file: {error}") from error


def _read_csv(content: bytes, layout: Layout, delimiter: str, width: int) -> pa.Table:
    names = [f"column {number}" for number in range(width)]
    for value, position in layout.positions.items():
        names[position] = value
    types = {name: pa.float64() if name in VALUES else pa.string() for name in layout.positions}
    try:
        return csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(column_names=names, skip_rows=int(layout.has_header), use_threads=False),
            parse_options=csv.ParseOptions(delimiter=delimiter),
            convert_options=csv.ConvertOptions(
                column_types=types, include_columns=list(layout.positions), null_values=[], strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise FileUnreadable(f"a row is not a bar: {error}") from error


def _rows(table: pa.Table, layout: Layout) -> FileRows:
    if not table.num_rows:
        raise FileUnreadable("it has no rows")
    stamps, zone = _stamps(table, layout)
    check_interval(stamps)
    return FileRows(
        layout=layout.name,
        stamps=stamps,
        values=bar_values(table),
        symbols=table["symbol"].cast(pa.string()) if "symbol" in layout.positions else None,
        certain_zone=zone,
        usual_zone=layout.usual_zone,
        usual_label=layout.usual_label,
    )


def _stamps(table: pa.Table, layout: Layout) -> tuple[Stamps, Zone | None]:
    if "stamp" not in layout.positions:
        days, times = (table[name].cast(pa.string()) for name in ("date", "time"))
        join: Any = pc.binary_join_element_wise
        return read_stamps(join(days, times, " "), layout.stamp_format)
    column: Any = table["stamp"]
    if pa.types.is_timestamp(column.type):
        zone = Zone.UTC if column.type.tz else None
        return column.cast(pa.timestamp("us")).to_numpy().astype("datetime64[s]"), zone
    return read_stamps(column.cast(pa.string()), layout.stamp_format)


def bar_values(table: pa.Table) -> pa.Table:
    """Return prices as float64 and volume as int64. Raises FileUnreadable for numbers that no bar has."""
    try:
        prices: dict[str, Any] = {name: table[name].cast(pa.float64()) for name in VALUES[:-1]}
        volume = table["volume"].cast(pa.float64()).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise FileUnreadable(f"a value is not a number: {error}") from error
    if not all(np.isfinite(column.to_numpy()).all() for column in prices.values()):
        raise FileUnreadable("a price is not a finite number")
    if not (np.isfinite(volume) & (volume >= 0) & (volume < 2**53) & (volume == np.floor(volume))).all():
        raise FileUnreadable("a volume is not a whole number of shares")
    return pa.table(prices | {"volume": pa.array(volume.astype(np.int64))})


def check_interval(stamps: Stamps) -> None:
    """Raise NoBars on a coarser grid than minutes, FileUnreadable on a finer one or beyond the calendar."""
    seconds = stamps.astype(np.int64)
    if (seconds % _MINUTE).any():
        raise FileUnreadable("a stamp is not at a whole minute")
    minutes: npt.NDArray[np.int64] = np.unique(seconds // _MINUTE)
    grid = int(np.gcd.reduce(np.diff(minutes))) if minutes.size > 1 else 1
    # A few minutes of a thin symbol may lie on a grid by chance.
    if grid > 1 and (minutes.size >= _FEW or grid % 1440 == 0):
        raise NoBars("it holds daily bars" if grid % 1440 == 0 else f"its bars are {grid} minutes apart")
    if stamps.min() < _FIRST or stamps.max() > _LAST:
        raise FileUnreadable(f"its stamps lie outside {FIRST_DATE} to {LAST_DATE}")
