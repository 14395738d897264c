"""Price weighed by volume since the session's open, numpy in and out."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from analytics.formulas.arrays import Floats, Integers, starts_of_runs
from analytics.formulas.averaging import nothing
from analytics.formulas.momentum import ratio


def session_slices(sessions: Integers) -> Iterator[slice]:
    """Return where each session's rows lie; rows are in order of time."""
    starts = [*starts_of_runs(sessions), len(sessions)]
    for start, end in pairwise(starts):
        yield slice(int(start), int(end))


def session_vwap(sessions: Integers, price: Floats, volume: Floats) -> tuple[Floats, Floats]:
    """Return Σ price·volume / Σ volume since the open and its volume-weighted deviation; NaN before any volume."""
    mean, deviation = nothing(len(price)), nothing(len(price))
    for rows in session_slices(sessions):
        # Measured from the first price, or the squares would eat the digits.
        moved = price[rows] - price[rows.start]
        traded = np.cumsum(volume[rows])
        moved_mean = ratio(np.cumsum(moved * volume[rows]), traded)
        squares = ratio(np.cumsum(moved**2 * volume[rows]), traded)
        mean[rows] = price[rows.start] + moved_mean
        deviation[rows] = np.sqrt(np.maximum(squares - moved_mean**2, 0))
    return mean, deviation


def session_on_balance_volume(sessions: Integers, close: Floats, volume: Floats) -> Floats:
    """Return the volume of rising less that of falling bars since the open; the first bar counts as zero."""
    result = nothing(len(close))
    for rows in session_slices(sessions):
        direction = np.sign(np.diff(close[rows], prepend=close[rows.start]))
        result[rows] = np.cumsum(direction * volume[rows])
    return result
