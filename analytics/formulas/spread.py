"""Whether the prices of two symbols stay together, numpy in; NaN where they do not show it."""

import math

import numpy as np
from numpy.polynomial import polynomial

from analytics.formulas.arrays import Floats
from analytics.formulas.comovement import varies

FEWEST_MINUTES = 30

# MacKinnon (1994), two series, with a constant: where the approximation changes and ends, and its polynomials.
_STAR, _LOWEST, _HIGHEST = -2.62, -18.86, 0.92
_BELOW_STAR = (2.92, 1.5012, 0.039796)
_ABOVE_STAR = (2.1945, 0.64695, -0.29198, -0.042377)


def hedge(a: Floats, b: Floats) -> tuple[float, float]:
    """Return α and β of ln A = α + β·ln B by least squares; NaN under 30 minutes or for a price that stands still."""
    log_a, log_b = np.log(a), np.log(b)
    if not varies(log_b, FEWEST_MINUTES):
        return np.nan, np.nan
    around = log_b - log_b.mean()
    slope = float(np.sum(around * (log_a - log_a.mean())) / np.sum(around**2))
    return float(log_a.mean() - slope * log_b.mean()), slope


def spread(a: Floats, b: Floats, alpha: float, beta: float) -> Floats:
    """Return s = ln A − α − β·ln B."""
    values: Floats = np.log(a) - alpha - beta * np.log(b)
    return values


def spread_zscore(window: Floats, now: float) -> float:
    """Return how many deviations (ddof 1) of a window the spread now is from its mean; the window leaves now out."""
    if not varies(window, FEWEST_MINUTES) or not is_movement(window):
        return np.nan
    return float((now - window.mean()) / window.std(ddof=1))


def is_movement(residuals: Floats) -> bool:
    """Tell residuals from what rounding leaves of none."""
    return bool(len(residuals)) and float(np.abs(residuals).max()) > 1e-13


def half_life(residuals: Floats) -> float:
    """Return −ln 2/φ steps, of Δs = c + φ·s₋₁; NaN where the spread does not come back."""
    if not varies(residuals, FEWEST_MINUTES) or not is_movement(residuals):
        return np.nan
    before, change = residuals[:-1], np.diff(residuals)
    around = before - before.mean()
    phi = float(np.sum(around * (change - change.mean())) / np.sum(around**2))
    return -math.log(2) / phi if phi < 0 else np.nan


def cointegration(residuals: Floats) -> tuple[float, float]:
    """Return the t statistic of Engle and Granger's test with one lag, and MacKinnon's p-value.

    The residuals are those of a regression with a constant: Δs = γ·s₋₁ + δ·Δs₋₁, t of γ.
    """
    if not varies(residuals, FEWEST_MINUTES) or not is_movement(residuals):
        return np.nan, np.nan
    change = np.diff(residuals)
    level, lagged, target = residuals[1:-1], change[:-1], change[1:]
    xx, xz, zz = np.sum(level**2), np.sum(level * lagged), np.sum(lagged**2)
    xy, zy = np.sum(level * target), np.sum(lagged * target)
    determinant = xx * zz - xz**2
    if determinant <= 0:
        return np.nan, np.nan
    gamma, delta = (zz * xy - xz * zy) / determinant, (xx * zy - xz * xy) / determinant
    left = np.sum((target - gamma * level - delta * lagged) ** 2) / (len(target) - 2)
    statistic = float(gamma / np.sqrt(left * zz / determinant)) if left > 0 else np.nan
    return statistic, mackinnon(statistic)


def mackinnon(statistic: float) -> float:
    """Return the p-value of "not cointegrated"."""
    if math.isnan(statistic) or statistic > _HIGHEST:
        return math.nan if math.isnan(statistic) else 1.0
    if statistic < _LOWEST:
        return 0.0
    score = float(polynomial.polyval(statistic, _BELOW_STAR if statistic <= _STAR else _ABOVE_STAR))
    return 0.5 * math.erfc(-score / math.sqrt(2))
