"""Trend and momentum of bars in order of time, numpy in and out; each as TA-Lib 0.8 computes it.

They run on from session to session, the night's move included, and are NaN while warming up and where undefined.
"""

import numpy as np

from analytics.formulas.arrays import Floats
from analytics.formulas.averaging import (
    deviation,
    exponential,
    highest,
    lowest,
    nothing,
    simple,
    smoothed,
    total,
    weighted,
    wilder,
)


def rsi(close: Floats, span: int = 14) -> Floats:
    """Relative strength index, 0 to 100; NaN where the price has never moved."""
    change = np.diff(close, prepend=np.nan)
    gain = wilder(np.maximum(change, 0), span, first=1)
    loss = wilder(np.maximum(-change, 0), span, first=1)
    return ratio(100 * gain, gain + loss)


def macd(close: Floats, fast: int = 12, slow: int = 26, signal: int = 9) -> tuple[Floats, Floats, Floats]:
    """Line, signal and histogram; the fast mean is seeded on the bars that end where the slow one starts."""
    line = exponential(close, fast, first=slow - fast) - exponential(close, slow)
    signal_line = exponential(line, signal, first=slow - 1)
    line = np.where(np.isnan(signal_line), np.nan, line)
    return line, signal_line, line - signal_line


def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """Range of each bar with the close before it, the night's included; NaN on the first."""
    before = np.concatenate([[np.nan], close[:-1]])
    spread: Floats = np.maximum(high, before) - np.minimum(low, before)
    return spread


def atr(high: Floats, low: Floats, close: Floats, span: int = 14) -> Floats:
    return wilder(true_range(high, low, close), span, first=1)


def adx(high: Floats, low: Floats, close: Floats, span: int = 14) -> Floats:
    """Average directional index, 0 to 100; NaN while nothing moved in any direction."""
    up, down = np.diff(high, prepend=np.nan), -np.diff(low, prepend=np.nan)
    rise = _directional(np.where((up > down) & (up > 0), up, 0.0), span)
    fall = _directional(np.where((down > up) & (down > 0), down, 0.0), span)
    spread = ratio(100 * np.abs(rise - fall), rise + fall)
    return wilder(spread, span, first=span)


def _directional(moves: Floats, span: int) -> Floats:
    """Return Wilder's running sum, started with span − 1 moves; the true range that both share cancels out."""
    if len(moves) < span:
        return nothing(len(moves))
    return smoothed(moves, 1 / span, float(moves[1:span].sum()) / span, span - 1)


def stochastic(high: Floats, low: Floats, close: Floats, span: int = 14, smooth: int = 3) -> tuple[Floats, Floats]:
    """Slow %K and %D, 0 to 100; NaN where one of the smoothed bars saw no range."""
    top, bottom = highest(high, span), lowest(low, span)
    slow_k = simple(ratio(100 * (close - bottom), top - bottom), smooth)
    slow_d = simple(slow_k, smooth)
    return np.where(np.isnan(slow_d), np.nan, slow_k), slow_d


def rate_of_change(close: Floats, span: int = 10) -> Floats:
    """Percent of the close `span` bars ago."""
    result = nothing(len(close))
    result[span:] = 100 * (close[span:] / close[: max(len(close) - span, 0)] - 1)
    return result


def money_flow(high: Floats, low: Floats, close: Floats, volume: Floats, span: int = 14) -> Floats:
    """Money flow index, 0 to 100; NaN where no money flowed."""
    price = (high + low + close) / 3
    change = np.diff(price, prepend=np.nan)
    positive = total(np.where(change > 0, price * volume, 0.0), span)
    negative = total(np.where(change < 0, price * volume, 0.0), span)
    index = ratio(100 * positive, positive + negative)
    index[:span] = np.nan
    return index


def bollinger(close: Floats, span: int = 20, width: float = 2.0) -> tuple[Floats, Floats, Floats, Floats]:
    """Upper and lower band, %B (0 at the lower, 1 at the upper) and bandwidth (fraction of the middle)."""
    middle, around = simple(close, span), width * deviation(close, span)
    upper, lower = middle + around, middle - around
    return upper, lower, ratio(close - lower, upper - lower), (upper - lower) / middle


def linearly_weighted(close: Floats, span: int = 20) -> Floats:
    return weighted(close, [float(weight) for weight in range(1, span + 1)])


def ratio(above: Floats, below: Floats) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    result = nothing(len(above))
    np.divide(above, below, out=result, where=below != 0)
    return result
