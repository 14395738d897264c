"""The wire format of a series: whole numbers, each the difference from the one before.

A column is `{"scale": s, "deltas": [...], "nulls": [[start, length], ...]}`. The value of a row is the running
sum of the deltas divided by 10^scale; rows inside a run of `nulls` (counted in rows of the column) have no value
and carry no delta. Measured against nine other encodings in docs/decisions/columnar-delta-tiles.md.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = dict[str, Any]
MAX_SCALE = 6


def encode(values: NDArray[np.float64], max_scale: int = MAX_SCALE) -> Column:
    """Encode floats; NaN is null. The scale is the smallest that is exact, or `max_scale` with rounding."""
    present = ~np.isnan(values)
    scaled, scale = _scaled(values[present], max_scale)
    column: Column = {"scale": scale, "deltas": np.diff(scaled, prepend=0)}
    if not present.all():
        column["nulls"] = _runs(~present)
    return column


def encode_integers(values: NDArray[np.int64]) -> Column:
    """Encode whole numbers, such as minutes or shares."""
    return {"scale": 0, "deltas": np.diff(values, prepend=0)}


def decode(column: Column, rows: int) -> NDArray[np.float64]:
    """Return the values of a column of so many rows; null is NaN."""
    present = np.ones(rows, dtype=bool)
    for start, length in column.get("nulls", []):
        present[start : start + length] = False
    values = np.full(rows, np.nan)
    values[present] = np.cumsum(np.asarray(column["deltas"], dtype=np.int64)) / 10.0 ** column["scale"]
    return values


def _scaled(values: NDArray[np.float64], max_scale: int) -> tuple[NDArray[np.int64], int]:
    scaled = np.rint(values)
    for scale in range(max_scale + 1):
        scaled = np.rint(values * 10.0**scale)
        if np.array_equal(scaled / 10.0**scale, values):
            return scaled.astype(np.int64), scale
    return scaled.astype(np.int64), max_scale


def _runs(missing: NDArray[np.bool_]) -> list[list[int]]:
    edges = np.flatnonzero(np.diff(missing.astype(np.int8), prepend=0, append=0))
    return [[int(start), int(end - start)] for start, end in edges.reshape(-1, 2)]
