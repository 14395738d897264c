"""Arrow tables to arrays and back; what is not finite becomes null."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from analytics.formulas.arrays import Floats, Integers


def floats(part: pa.Table, name: str) -> Floats:
    values: Floats = part[name].combine_chunks().to_numpy(zero_copy_only=False).astype(np.float64)
    return values


def integers(part: pa.Table, name: str) -> Integers:
    """Return a column as int64; dates as days and instants as microseconds since 1970."""
    column = part[name].combine_chunks()
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    elif pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    values: Integers = column.to_numpy(zero_copy_only=False).astype(np.int64)
    return values


def ascending(rows: pa.Table, name: str) -> pa.Table:
    """Return rows in ascending order of a column, as they are if they have it already."""
    values = integers(rows, name)
    return rows if bool(np.all(values[:-1] <= values[1:])) else rows.sort_by(name)


def make_table(schema: pa.Schema, columns: Mapping[str, Any]) -> pa.Table:
    """Build a table of the schema; what is not finite becomes null."""
    arrays = [_array(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Any, kind: pa.DataType) -> Any:
    if isinstance(values, (pa.ChunkedArray, pa.Array)):
        return values.cast(kind)
    if pa.types.is_floating(kind):
        numbers = np.asarray(values, np.float64)
        return pa.array(numbers, kind, mask=~np.isfinite(numbers))
    return pa.array(values, kind)
