"""Arrow columns as numpy arrays."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def to_numpy(column: "pa.ChunkedArray[Any]") -> NDArray[Any]:
    """Convert a column of numbers or booleans; null becomes NaN."""
    return np.asarray(column.to_numpy())


def equals(column: "pa.ChunkedArray[Any]", text: str) -> NDArray[np.bool_]:
    """Mark the rows of a text column that hold `text`."""
    return to_numpy(pc.equal(column, pa.scalar(text)))  # type: ignore[arg-type]  # the stub says Array for chunked
