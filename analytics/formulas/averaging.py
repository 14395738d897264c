"""Moving and recursive means over numpy arrays in order of time, NaN until a window is full. TA-Lib's conventions."""

from typing import TypeVar

import numpy as np
import pandas as pd

from analytics.formulas.arrays import Floats, Integers, places

Series = TypeVar("Series", pd.Series, pd.DataFrame)


def nothing(length: int) -> Floats:
    return np.full(length, np.nan)


def exponential(values: Floats, span: int, first: int = 0) -> Floats:
    """Return the mean with weight 2/(span+1) of the newest, seeded with the mean of `span` values from `first`."""
    return _recursive(values, 2 / (span + 1), first, span)


def exponential_from(last: Floats, values: Floats, counts: Integers, span: int) -> Floats:
    """Return how `exponential` goes on over the values of many series, `counts` of each, after it was `last` in each.

    The same bits as if it had not stopped, and at once: pandas takes longer to begin than over a session of minutes.
    """
    # A series a column, the mean so far on top of it; what is empty below does not change what is above.
    rows, columns = places(counts), np.repeat(np.arange(len(counts)), counts)
    beside = np.full((int(counts.max(initial=0)) + 1, len(counts)), np.nan)
    beside[0], beside[rows + 1, columns] = last, values
    going: Floats = _weighed(pd.DataFrame(beside), 2 / (span + 1)).to_numpy()[rows + 1, columns]
    return going


def wilder(values: Floats, span: int, first: int = 0) -> Floats:
    """Return Wilder's mean, weight 1/span of the newest, seeded with the mean of `span` values from `first`."""
    return _recursive(values, 1 / span, first, span)


def smoothed(values: Floats, weight: float, seed: float, at: int) -> Floats:
    """Return the recursive mean that is `seed` at position `at`; NaN before."""
    if len(values) <= at:
        return nothing(len(values))
    seeded = values.copy()
    seeded[:at] = np.nan
    seeded[at] = seed
    return _weighed(pd.Series(seeded), weight).to_numpy()


def _weighed(values: Series, weight: float) -> Series:
    return values.ewm(alpha=weight, adjust=False).mean()


def _recursive(values: Floats, weight: float, first: int, span: int) -> Floats:
    if len(values) < first + span:
        return nothing(len(values))
    return smoothed(values, weight, float(values[first : first + span].mean()), first + span - 1)


def simple(values: Floats, span: int) -> Floats:
    return weighted(values, [1.0] * span)


def weighted(values: Floats, weights: list[float]) -> Floats:
    """Return the weighted mean of the last values, `weights` from the oldest to the newest."""
    span = len(weights)
    result = nothing(len(values))
    if len(values) < span:
        return result
    total = np.zeros(len(values) - span + 1)
    for position, weight in enumerate(weights):
        total += weight * values[position : len(values) - span + 1 + position]
    result[span - 1 :] = total / sum(weights)
    return result


def deviation(values: Floats, span: int) -> Floats:
    """Return the population deviation (ddof 0) of the last `span` values."""
    result = nothing(len(values))
    if len(values) < span:
        return result
    windows = np.lib.stride_tricks.sliding_window_view(values, span)
    around = np.sqrt(np.mean((windows - windows.mean(axis=1)[:, None]) ** 2, axis=1))
    # The mean of equal numbers may differ from them in the last digit.
    result[span - 1 :] = np.where(windows.max(axis=1) == windows.min(axis=1), 0.0, around)
    return result


def highest(values: Floats, span: int) -> Floats:
    return pd.Series(values).rolling(span).max().to_numpy()


def lowest(values: Floats, span: int) -> Floats:
    return pd.Series(values).rolling(span).min().to_numpy()


def total(values: Floats, span: int) -> Floats:
    """Return the sum of the last `span` values, each window added up on its own so that no rounding is carried on."""
    return weighted(values, [1.0] * span) * span
