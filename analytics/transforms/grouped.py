"""What functions over whole parts have in common: Arrow in, Arrow out, numpy in between, null where undefined.

A function gets every row of one part (lookback included) in one call, so its result does not depend on how an
engine splits the rows, and all engines give the same bits.
"""

import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark import cloudpickle
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
PartFunction = Callable[[pa.Table], pa.Table]


def ship(*names: str) -> None:
    """Let modules travel by value to workers, for those of a cluster do not have this package."""
    for name in names:
        module: ModuleType = sys.modules[name]
        cloudpickle.register_pickle_by_value(module)  # type: ignore[no-untyped-call]  # vendored, untyped


def derive_parts(bars: DataFrame, function: PartFunction, schema: pa.Schema) -> DataFrame:
    """Apply a function to each part, whose result has the columns of the schema."""
    columns = from_arrow_schema(schema)
    return bars.groupBy("symbol", "month").applyInArrow(function, columns).select(schema.names)


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


def starts_of_runs(values: Integers) -> Integers:
    """Return where each run of equal neighbours begins; none for no values."""
    if not len(values):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])).astype(np.int64)


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


ship(__name__)
