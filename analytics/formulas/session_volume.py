"""Price weighed by volume since the session's open, numpy in and out."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from analytics.formulas.arrays import Floats, Integers, starts_of_runs
from analytics.formulas.averaging import nothing
from analytics.formulas.momentum import ratio

RELATIVE_SESSIONS = 10


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


def session_mean(sessions: Integers, close: Floats) -> Floats:
    """Return the mean of the closes since the open."""
    result = nothing(len(close))
    for rows in session_slices(sessions):
        result[rows] = np.cumsum(close[rows]) / np.arange(1, len(close[rows]) + 1)
    return result


def relative_volume(
    sessions: Integers, minutes: Integers, volume: Integers, basis: Floats, over: int = RELATIVE_SESSIONS
) -> Floats:
    """Return the volume since the open by the mean of what was traded by that minute in the `over` sessions before.

    Sessions that had ended by then do not count. NaN under so many sessions before, or where they had no volume.
    Shares of a session before a split count as so many of the later one's (`basis`, the same within a session).
    """
    result = nothing(len(volume))
    slices = list(session_slices(sessions))
    width = int(minutes.max()) + 1 if len(minutes) else 0
    traded, reached = np.zeros((len(slices), width), np.int64), np.zeros((len(slices), width), np.int64)
    of_session = basis[[rows.start for rows in slices]]
    for number, rows in enumerate(slices):
        length = minutes[rows.stop - 1] + 1
        traded[number, minutes[rows]] = volume[rows]
        traded[number, :length] = np.cumsum(traded[number, :length])
        reached[number, :length] = 1
        if number >= over:
            before = slice(number - over, number)
            shares = traded[before] * (of_session[before] / of_session[number])[:, None]
            usual = ratio(shares.sum(axis=0), reached[before].sum(axis=0).astype(np.float64))
            result[rows] = ratio(traded[number].astype(np.float64), usual)[minutes[rows]]
    return result
