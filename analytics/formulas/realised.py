"""Measures of one session's movement, from its bars in order of time; NaN where a session does not show them."""

import numpy as np

from analytics.formulas.arrays import Floats, Integers

TRADING_DAYS = 252


def sampled(minutes: Integers, values: Floats, every: int) -> tuple[Integers, Floats]:
    """Return the last value of each interval of so many minutes since the open that has one, and its number."""
    interval = minutes // every
    last = np.flatnonzero(np.concatenate([interval[1:] != interval[:-1], [True]])[: len(interval)])
    return interval[last], values[last]


def sampled_returns(minutes: Integers, close: Floats, every: int) -> Floats:
    """Return the log returns between intervals that have a bar; one that has none is stepped over."""
    return np.diff(np.log(sampled(minutes, close, every)[1]))


def realised_variance(returns: Floats) -> float:
    """Σ r² (Andersen and Bollerslev)."""
    return float(np.sum(returns**2)) if len(returns) else np.nan


def bipower_variation(returns: Floats) -> float:
    """(π/2)·(M/(M−1))·Σ |r_i|·|r_{i−1}|, which a jump hardly moves (Barndorff-Nielsen and Shephard)."""
    count = len(returns)
    if count < 2:
        return np.nan
    sizes = np.abs(returns)
    return float(np.pi / 2 * count / (count - 1) * np.sum(sizes[1:] * sizes[:-1]))


def jump_share(variance: float, bipower: float) -> float:
    """Return max(RV − BV, 0)/RV; NaN for a price that did not move."""
    return max(variance - bipower, 0.0) / variance if variance > 0 and np.isfinite(bipower) else np.nan


def semivariances(returns: Floats) -> tuple[float, float]:
    """Return Σ r² of the rises and of the falls."""
    return realised_variance(np.maximum(returns, 0)), realised_variance(np.minimum(returns, 0))


def parkinson(high: float, low: float) -> float:
    return float(np.log(high / low) ** 2 / (4 * np.log(2)))


def garman_klass(opened: float, high: float, low: float, close: float) -> float:
    return float(0.5 * np.log(high / low) ** 2 - (2 * np.log(2) - 1) * np.log(close / opened) ** 2)


def rogers_satchell(opened: float, high: float, low: float, close: float) -> float:
    up, down = np.log(high / close) * np.log(high / opened), np.log(low / close) * np.log(low / opened)
    return float(up + down)


def skewness(returns: Floats) -> float:
    """Third standardised moment of the sample; NaN under three returns or without movement."""
    return _standardised_moment(returns, 3, fewest=3)


def excess_kurtosis(returns: Floats) -> float:
    """Fourth standardised moment less 3; NaN under four returns or without movement."""
    return _standardised_moment(returns, 4, fewest=4) - 3


def _standardised_moment(returns: Floats, power: int, fewest: int) -> float:
    if len(returns) < fewest:
        return np.nan
    around = returns - returns.mean()
    spread = np.mean(around**2)
    return float(np.mean(around**power) / spread ** (power / 2)) if spread > 0 else np.nan
