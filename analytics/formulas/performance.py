"""What an investment did over a range: numbers of session returns, as empyrical computes them, and of a price path.

Session returns are simple returns from one session's close to the next one's. NaN where a measure is not defined.
"""

import numpy as np

from analytics.formulas.arrays import Floats, Integers
from analytics.formulas.realised import TRADING_DAYS

TAIL = 0.05


def simple_returns(values: Floats) -> Floats:
    return values[1:] / values[:-1] - 1


def annual_return(returns: Floats) -> float:
    """Return the growth of a year of 252 sessions that compounds to what the returns compound to."""
    if not len(returns):
        return np.nan
    return float(np.prod(1 + returns) ** (TRADING_DAYS / len(returns)) - 1)


def annual_volatility(returns: Floats) -> float:
    """Return sd(r)·√252, ddof 1; NaN under two returns."""
    return deviation(returns) * float(np.sqrt(TRADING_DAYS))


def deviation(returns: Floats) -> float:
    """Return the sample's deviation (ddof 1); exactly zero for equal values."""
    if len(returns) < 2:
        return np.nan
    # The mean of equal numbers may differ from them in the last digit.
    return float(returns.std(ddof=1)) if returns.max() > returns.min() else 0.0


def sharpe(returns: Floats, risk_free: float = 0.0) -> float:
    """Return mean(R − rf)/sd(R, ddof 1)·√252; `risk_free` is of one session."""
    around = deviation(returns)
    return float((returns.mean() - risk_free) / around * np.sqrt(TRADING_DAYS)) if around > 0 else np.nan


def sortino(returns: Floats, target: float = 0.0) -> float:
    """Return mean(R − target)/√(mean(min(R − target, 0)²))·√252; NaN where nothing fell short."""
    if not len(returns):
        return np.nan
    downside = float(np.sqrt(np.mean(np.minimum(returns - target, 0) ** 2)))
    return float((returns.mean() - target) / downside * np.sqrt(TRADING_DAYS)) if downside > 0 else np.nan


def value_at_risk(returns: Floats) -> float:
    """Return the 5 % quantile, linear between values."""
    return float(np.percentile(returns, 100 * TAIL)) if len(returns) else np.nan


def conditional_value_at_risk(returns: Floats) -> float:
    """Return the mean of the lowest 5 % of returns, of one at least."""
    if not len(returns):
        return np.nan
    worst = int((len(returns) - 1) * TAIL)
    return float(np.mean(np.sort(returns)[: worst + 1]))


def omega(returns: Floats) -> float:
    """Return the sum of gains over the sum of losses; NaN without a loss."""
    losses = -float(returns[returns < 0].sum())
    return float(returns[returns > 0].sum()) / losses if losses > 0 else np.nan


def calmar(returns: Floats) -> float:
    """Return the annual return over the size of the largest drawdown of session closes; NaN without one."""
    if not len(returns):
        return np.nan
    depth = float(drawdowns(np.cumprod(np.concatenate([[1.0], 1 + returns]))).min())
    return annual_return(returns) / -depth if depth < 0 else np.nan


def drawdowns(values: Floats) -> Floats:
    """Return value / running maximum − 1, at most 0."""
    under: Floats = values / np.maximum.accumulate(values) - 1
    return under


def deepest(values: Floats) -> tuple[int, int, int | None]:
    """Return where the largest drawdown begins, where it is deepest, and where the peak is reached again, if it is."""
    trough = int(np.argmin(drawdowns(values)))
    peak = int(np.argmax(values[: trough + 1]))
    again = np.flatnonzero(values[trough:] >= values[peak])
    return peak, trough, trough + int(again[0]) if len(again) else None


def ols(y: Floats, x: Floats) -> tuple[float, float, float]:
    """Return intercept, slope and R² of y on x by least squares; NaN where x does not vary."""
    if len(x) < 2 or not x.max() > x.min():
        return np.nan, np.nan, np.nan
    around_x, around_y = x - x.mean(), y - y.mean()
    slope = float(np.sum(around_x * around_y) / np.sum(around_x**2))
    intercept = float(y.mean() - slope * x.mean())
    left, total = float(np.sum((y - intercept - slope * x) ** 2)), float(np.sum(around_y**2))
    return intercept, slope, 1 - left / total if y.max() > y.min() else np.nan


def annual_alpha(intercept: float) -> float:
    """Return what an intercept of one session compounds to in a year."""
    return float((1 + intercept) ** TRADING_DAYS - 1)


def capture(returns: Floats, benchmark: Floats) -> float:
    """Return the annual return over the benchmark's, of the sessions given; NaN where the benchmark's is zero."""
    theirs = annual_return(benchmark)
    return annual_return(returns) / theirs if len(returns) and theirs != 0 else np.nan


def stationary_bootstrap(values: Floats, *, block: int, repetitions: int, seed: int) -> Floats:
    """Return the means of so many resamples of blocks whose mean length is `block` (Politis and Romano).

    The same draws in the same order as arch's StationaryBootstrap with `default_rng(seed)`.
    """
    drawn = np.random.default_rng(seed)
    count = len(values)
    at = np.empty((repetitions, count), np.int64)
    uniform = np.empty((repetitions, count))
    for row in range(repetitions):
        at[row] = drawn.integers(count, size=count, dtype=np.int64)
        uniform[row] = drawn.random(count)
    means: Floats = values[_blocks(at, uniform > 1 / block)].mean(axis=1)
    return means


def _blocks(at: Integers, goes_on: "np.typing.NDArray[np.bool_]") -> Integers:
    """Let each place that goes on follow the one before it, around the end to the beginning."""
    columns = np.arange(at.shape[1])
    starts = np.where(goes_on, 0, columns)
    starts[:, 0] = 0
    begun = np.maximum.accumulate(starts, axis=1)
    blocks: Integers = (np.take_along_axis(at, begun, axis=1) + columns - begun) % at.shape[1]
    return blocks
