"""The arrays that formulas take and give."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def starts_of_runs(values: Integers | Floats) -> Integers:
    """Return where each run of equal neighbours begins; none for no values."""
    if not len(values):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])).astype(np.int64)
