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


def places(counts: Integers) -> Integers:
    """Return for each row of groups that follow each other, `counts` in each, which row of its group it is."""
    before = np.cumsum(counts) - counts
    rows: Integers = np.arange(int(counts.sum())) - np.repeat(before, counts)
    return rows


def interleaved(first: Integers, second: Integers) -> tuple[Integers, Integers]:
    """Return where the rows of each of two tables stand when every group's second rows follow its first ones.

    `first` and `second` say how many rows each group has in them.
    """
    of_first = np.arange(int(first.sum())) + np.repeat(np.cumsum(second) - second, first)
    of_second = np.arange(int(second.sum())) + np.repeat(np.cumsum(first), second)
    return of_first, of_second
