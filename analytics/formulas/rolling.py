"""How two series move together in a window that travels along, numpy in and out; NaN until a window is full."""

from collections.abc import Iterator

import numpy as np

from analytics.formulas.arrays import Floats

# Windows are looked at so many numbers at a time, which bounds the memory.
_AT_ONCE = 1_000_000


def rolling_correlation(a: Floats, b: Floats, window: int) -> Floats:
    """Return Pearson's correlation of the last `window` values; NaN where one of the two does not vary."""
    result = np.full(len(a), np.nan)
    for rows, of_a, of_b in _windows(a, b, window):
        around_a, around_b = _around(of_a), _around(of_b)
        size = np.sqrt(np.sum(around_a**2, axis=1) * np.sum(around_b**2, axis=1))
        product = np.sum(around_a * around_b, axis=1)
        result[window - 1 :][rows] = np.clip(_divide(product, size, _varies(of_a) & _varies(of_b)), -1, 1)
    return result


def rolling_spread_zscore(a: Floats, b: Floats, window: int) -> Floats:
    """Return how far ln A − α − β·ln B is from zero, in deviations (ddof 1) of its last `window` values.

    α and β are those of the window by least squares. The window ends before the point that is judged.
    """
    log_a, log_b = np.log(a), np.log(b)
    result = np.full(len(a), np.nan)
    for rows, of_a, of_b in _windows(log_a[:-1], log_b[:-1], window):
        around_a, around_b = _around(of_a), _around(of_b)
        beta = _divide(np.sum(around_a * around_b, axis=1), np.sum(around_b**2, axis=1), _varies(of_b))
        left = np.sqrt(np.sum((around_a - beta[:, None] * around_b) ** 2, axis=1) / (window - 1))
        now = slice(window + rows.start, window + rows.stop)
        alpha = of_a.mean(axis=1) - beta * of_b.mean(axis=1)
        # What rounding leaves of a spread that never moved is no deviation.
        result[now] = _divide(log_a[now] - alpha - beta * log_b[now], left, left > 1e-13)
    return result


def _windows(a: Floats, b: Floats, window: int) -> Iterator[tuple[slice, Floats, Floats]]:
    if len(a) < window:
        return
    of_a, of_b = (np.lib.stride_tricks.sliding_window_view(values, window) for values in (a, b))
    step = max(1, _AT_ONCE // window)
    for start in range(0, len(of_a), step):
        rows = slice(start, min(start + step, len(of_a)))
        yield rows, of_a[rows], of_b[rows]


def _around(windows: Floats) -> Floats:
    centred: Floats = windows - windows.mean(axis=1)[:, None]
    return centred


def _varies(windows: Floats) -> "np.typing.NDArray[np.bool_]":
    varied: np.typing.NDArray[np.bool_] = windows.max(axis=1) > windows.min(axis=1)
    return varied


def _divide(above: Floats, below: Floats, where: "np.typing.NDArray[np.bool_]") -> Floats:
    result = np.full(len(above), np.nan)
    np.divide(above, below, out=result, where=where & (below > 0))
    return result
