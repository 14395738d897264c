"""Why a bar is doubted. A flagged bar keeps its values; flags that quarantine keep it out of analytics.

Regular-session bars are quarantined only on strong evidence: prices that contradict each other, are not positive, or
lie a fifth off the market on both sides. Extended hours are thin and hold many prints off the market, so there a
twentieth is enough. These limits are no settings: they decide what is stored, and RULES_VERSION counts their changes.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# A cent's half: vendors round each price of a bar on its own.
TICK = 0.005
_NEIGHBOURS = 10
OFF_MARKET, FAR_OFF_MARKET = 0.05, 0.20
_NEAR = 0.01
_STEP = 1.5


class Flag(StrEnum):
    """Names in the column `flags`."""

    ADJUSTED_BASIS = "adjusted_basis"
    BAD_PRINT = "bad_print"
    DUPLICATE = "duplicate"
    INVALID_OHLC = "invalid_ohlc"
    NON_POSITIVE_PRICE = "non_positive_price"
    OHLC_REPAIRED = "ohlc_repaired"
    OUTSIDE_HOURS = "outside_hours"
    SUSPECT_PRINT = "suspect_print"
    WRONG_BASIS = "wrong_basis"


INFORMING = frozenset({Flag.ADJUSTED_BASIS, Flag.DUPLICATE, Flag.OHLC_REPAIRED, Flag.SUSPECT_PRINT})


@dataclass(frozen=True)
class Prices:
    """Columns of bars in order of time."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats

    @cached_property
    def medians_around(self) -> tuple[Floats, Floats]:
        """The median close of the ten bars before each, and of the ten after."""
        if not self.close.size:
            return self.close, self.close
        padded = np.pad(self.close, _NEIGHBOURS, mode="edge")
        medians = np.median(np.lib.stride_tricks.sliding_window_view(padded, _NEIGHBOURS), axis=1)
        return medians[: self.close.size], medians[_NEIGHBOURS + 1 : _NEIGHBOURS + 1 + self.close.size]


def repair(prices: Prices) -> tuple[Prices, Mask]:
    """Widen high and low where open or close lie at most a tick outside them; also return which bars that changed."""
    top, bottom = np.maximum(prices.open, prices.close), np.minimum(prices.open, prices.close)
    beyond = np.maximum(top - prices.high, prices.low - bottom)
    repaired = (beyond > 0) & (beyond <= TICK + 1e-9)
    high = np.where(repaired, np.maximum(prices.high, top), prices.high)
    low = np.where(repaired, np.minimum(prices.low, bottom), prices.low)
    return Prices(prices.open, high, low, prices.close), repaired


def invalid_ohlc(prices: Prices) -> Mask:
    """Tell which bars have open or close outside low to high, or low above high."""
    top, bottom = np.maximum(prices.open, prices.close), np.minimum(prices.open, prices.close)
    return (prices.high < top) | (prices.low > bottom)


def non_positive(prices: Prices) -> Mask:
    return (prices.open <= 0) | (prices.high <= 0) | (prices.low <= 0) | (prices.close <= 0)


def bad_prints(prices: Prices, limit: float = OFF_MARKET) -> Mask:
    """Tell which bars reach further than `limit` off both the closes before and after them (medians of ten).

    A price that only one side contradicts is the market moving, and one that the bar before or after comes near is
    the market moving to and fro, as it does in the minutes after earnings.
    """
    before, after = prices.medians_around
    confirmed_from, confirmed_to = _ranges_around(prices)

    def unheard_of(price: Floats) -> Mask:
        off_market = (np.abs(price - before) > limit * before) & (np.abs(price - after) > limit * after)
        confirmed = (price >= (1 - _NEAR) * confirmed_from) & (price <= (1 + _NEAR) * confirmed_to)
        return off_market & ~confirmed

    return unheard_of(prices.low) | unheard_of(prices.high)


def wrong_basis(prices: Prices) -> Mask:
    """Tell which bars mix the prices before and after a split: they span a step that the market keeps."""
    before, after = prices.medians_around
    return (np.maximum(before, after) > _STEP * np.minimum(before, after)) & (prices.high > _STEP * prices.low)


def _ranges_around(prices: Prices) -> tuple[Floats, Floats]:
    """Return from the lowest low to the highest high of the bars next to each."""
    # The first and the last bar have one neighbour, which stands on both of their sides.
    low, high = (np.pad(price, 1, mode="reflect") if price.size else np.empty(2) for price in (prices.low, prices.high))
    return np.minimum(low[:-2], low[2:]), np.maximum(high[:-2], high[2:])
