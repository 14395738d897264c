"""How two series of one session move together, numpy in; NaN where they do not show it."""

import numpy as np

from analytics.formulas.arrays import Floats, Integers
from analytics.formulas.realised import sampled

FEWEST_RETURNS = 3
MOST_LAG = 10
_TWO_SIDED_95 = 1.959963984540054


def paired_returns(minutes: Integers, a: Floats, b: Floats, every: int) -> tuple[Integers, Floats, Floats]:
    """Return log returns between neighbouring intervals of so many minutes that both have a matched minute.

    Also the number of the interval that each ends in. A return over a missing interval would be one of another length.
    """
    interval, last_a = sampled(minutes, a, every)
    _, last_b = sampled(minutes, b, every)
    neighbours = np.flatnonzero(np.diff(interval) == 1)
    return interval[neighbours + 1], np.diff(np.log(last_a))[neighbours], np.diff(np.log(last_b))[neighbours]


def varies(values: Floats, fewest: int = FEWEST_RETURNS) -> bool:
    return len(values) >= fewest and bool(values.max() > values.min())


def correlation(a: Floats, b: Floats) -> float:
    """Pearson's, in [−1, 1]; NaN under three values or where one of them does not vary."""
    if not (varies(a) and varies(b)):
        return np.nan
    around_a, around_b = a - a.mean(), b - b.mean()
    size = np.sqrt(np.sum(around_a**2) * np.sum(around_b**2))
    return float(np.clip(np.sum(around_a * around_b) / size, -1, 1)) if size > 0 else np.nan


def rank_correlation(a: Floats, b: Floats) -> float:
    """Spearman's: Pearson's of the ranks, equal values sharing their mean rank."""
    return correlation(ranks(a), ranks(b))


def ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    middle: Floats = (last - (count - 1) / 2)[place]
    return middle


def realised_beta(a: Floats, b: Floats) -> float:
    """Σ r_A·r_B / Σ r_B²: how far A moves when B moves by one."""
    squares = float(np.sum(b**2))
    return float(np.sum(a * b)) / squares if len(b) >= FEWEST_RETURNS and squares > 0 else np.nan


def lead_lag(minutes: Integers, a: Floats, b: Floats) -> tuple[float, float, float]:
    """Return the lag k in minutes, |k| ≤ 10, at which corr(r_A(t), r_B(t−k)) is largest in size, with its band.

    A positive lag says that B moved first. Inside the band ±1.96/√N there is nothing to see. Means and deviations are
    those of the whole session, as in statsmodels' ccf.
    """
    if not (varies(a, MOST_LAG + 1) and varies(b, MOST_LAG + 1)):
        return np.nan, np.nan, np.nan
    lags = sorted(range(-MOST_LAG, MOST_LAG + 1), key=lambda lag: (abs(lag), lag))
    found = {lag: cross_correlation(minutes, a, b, lag) for lag in lags}
    peak = max(lags, key=lambda lag: abs(found[lag]))
    return float(peak), found[peak], _TWO_SIDED_95 / float(np.sqrt(len(a)))


def cross_correlation(minutes: Integers, a: Floats, b: Floats, lag: int) -> float:
    """Return corr(r_A(t), r_B(t−lag)) over the minutes t where both are there, divided by the number of returns."""
    at_b = np.searchsorted(minutes, minutes - lag).clip(max=len(minutes) - 1)
    at_a = np.flatnonzero(minutes[at_b] == minutes - lag)
    at_b = at_b[at_a]
    around_a, around_b = a - a.mean(), b - b.mean()
    size = np.sqrt(np.sum(around_a**2) * np.sum(around_b**2))
    return float(np.sum(around_a[at_a] * around_b[at_b]) / size)
