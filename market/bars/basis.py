"""Tell prices as they were traded from prices that somebody multiplied to adjust them for splits or dividends.

Shares of a dollar and more are quoted in cents, so most closes of a session are whole cents; the rest are trades at
midpoints and in fractions that brokers grant. A product with an adjustment factor is a whole cent only by chance.
In the recorded sets 34 % to 100 % of a session's closes are whole cents where it is as traded, and 0 % to 4 % where the
vendor had adjusted it; nothing lies between.
"""

import numpy as np
import numpy.typing as npt

from market.bars.flags import Floats, Mask

_MOST_BY_CHANCE = 0.15
_FEWEST_BARS = 30
_LOWEST_PRICE = 1.0


def adjusted_sessions(close: Floats, regular: Mask, sessions: npt.NDArray[np.datetime64]) -> Mask:
    """Tell which bars belong to a session whose prices were adjusted; a session of few or cheap bars is not judged."""
    days, inverse = np.unique(sessions, return_inverse=True)
    judged = regular & (close >= _LOWEST_PRICE)
    whole_cents = np.abs(close * 100 - np.round(close * 100)) < 1e-6
    bars = np.bincount(inverse[judged], minlength=days.size)
    cents = np.bincount(inverse[judged & whole_cents], minlength=days.size)
    found: Mask = ((bars >= _FEWEST_BARS) & (cents < _MOST_BY_CHANCE * bars))[inverse]
    return found
