"""Read the CSV of minute bars that Alpha Vantage made common: `timestamp,open,high,low,close,volume`.

Stamps are naive New York wall clock; which end of the minute they name is not known here.
"""

import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

PRICES = ("open", "high", "low", "close")
# `time` is the header of the retired extended endpoint and of files that people still have.
_HEADERS = {
    b"timestamp,open,high,low,close,volume": "timestamp",
    b"time,open,high,low,close,volume": "time",
}
_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("stamp", pa.timestamp("s")),
    *((name, pa.float64()) for name in PRICES),
    ("volume", pa.int64()),
]
STAMPED_SCHEMA = pa.schema(_COLUMNS)


class BodyMalformed(ValueError):
    """The text is not a CSV of bars."""


class BodyTorn(ValueError):
    """The text ends in the middle of a line: a part of it is missing."""


def parse_csv(body: bytes) -> pa.Table:
    """Return the rows as STAMPED_SCHEMA, ascending by stamp; no rows for a header alone.

    Raises BodyMalformed for anything that is not exactly this CSV, two different rows for one minute included,
    and BodyTorn. Equal rows for one minute are one row, and then there is a column `duplicate` that tells which.
    """
    header, _, rest = body.partition(b"\n")
    stamp_name = _HEADERS.get(header.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r"))
    if stamp_name is None:
        raise BodyMalformed(
            f"the first line is {header[:80].decode('utf-8', 'replace')!r}, not the header of minute bars"
        )
    if not rest:
        return STAMPED_SCHEMA.empty_table()
    if not rest.endswith(b"\n"):
        raise BodyTorn("the last line is incomplete")
    rows = _read_rows(rest)
    _check_values(rows)
    return _in_order(rows)


def _read_rows(rest: bytes) -> pa.Table:
    types = {field.name: field.type for field in STAMPED_SCHEMA}
    try:
        return csv.read_csv(
            io.BytesIO(rest),
            read_options=csv.ReadOptions(column_names=STAMPED_SCHEMA.names, use_threads=False),
            parse_options=csv.ParseOptions(quote_char=False),
            convert_options=csv.ConvertOptions(
                column_types=types, null_values=[], strings_can_be_null=False, timestamp_parsers=["%Y-%m-%d %H:%M:%S"]
            ),
        )
    except pa.ArrowInvalid as error:
        raise BodyMalformed(f"a row is not a bar: {error}") from error


def _check_values(rows: pa.Table) -> None:
    prices = np.column_stack([rows[name].to_numpy() for name in PRICES])
    if not np.isfinite(prices).all():
        raise BodyMalformed("a price is not a finite number")
    if (rows["volume"].to_numpy() < 0).any():
        raise BodyMalformed("a volume is negative")
    if (rows["stamp"].to_numpy().astype("int64") % 60).any():
        raise BodyMalformed("a stamp is not at a whole minute")


def _in_order(rows: pa.Table) -> pa.Table:
    rows = rows.sort_by("stamp").combine_chunks()
    if pc.count_distinct(rows["stamp"]).as_py() == rows.num_rows:
        return rows
    counted = rows.group_by(rows.column_names).aggregate([([], "count_all")]).sort_by("stamp")
    if pc.count_distinct(counted["stamp"]).as_py() < counted.num_rows:
        raise BodyMalformed("one minute has two different bars")
    duplicate = pc.not_equal(counted["count_all"], pa.scalar(1))
    return counted.select(STAMPED_SCHEMA.names).append_column("duplicate", duplicate)
