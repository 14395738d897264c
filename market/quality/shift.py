"""Whether a session's bars lie a minute or an hour beside their time: a wrong label, or a wrong zone.

Volume rises into the first and the last minute of regular trading, and lies much lower outside it. Where it would fit
much better if the bars were moved, something is wrong with their time.
"""

import numpy as np
import numpy.typing as npt

from market.calendar import session_hours
from market.quality.sessions import SessionBars

# Logarithms of how many times better the other place must fit. In the recorded sets, right sessions of much traded
# symbols stay below 0.6 for a minute and 0.7 for an hour.
_MINUTE_LIMIT, _HOUR_LIMIT = 1.5, 1.0
# A session in which many minutes have no trade has no shape to go by.
_FEWEST_BARS = 0.95
_HOUR = 60
_BEFORE = 7 * _HOUR
Volumes = npt.NDArray[np.float64]


def find_shift(session: SessionBars) -> tuple[int, float, float] | None:
    """Return by how many minutes the bars are late (negative: early), the margin and its limit; None when they fit."""
    length = session_hours(session.session).regular_minutes
    if session.expected < length or session.volume.sum() <= 0:
        return None
    volume = _by_minute(session, length)
    floor = 1.0 + 0.05 * volume[_BEFORE : _BEFORE + length].sum() / length
    hours = {late: _level(volume, length, late, floor) for late in (-_HOUR, 0, _HOUR)}
    late = max(hours, key=hours.__getitem__)
    if late and hours[late] - hours[0] > _HOUR_LIMIT and _has_bars(session, length, late):
        return late, hours[late] - hours[0], _HOUR_LIMIT
    minutes = {late: _edges(volume, length, late, floor) for late in (-1, 0, 1)}
    late = max(minutes, key=lambda late: sum(minutes[late]))
    margin = sum(minutes[late]) - sum(minutes[0])
    # The auction at the close can be so large that it alone would outweigh an opening that fits.
    opens_there = minutes[late][0] > minutes[0][0]
    if late and opens_there and margin > _MINUTE_LIMIT and _has_bars(session, length, late):
        return late, margin, _MINUTE_LIMIT
    return None


def _by_minute(session: SessionBars, length: int) -> Volumes:
    volume = np.zeros(_BEFORE + length + _BEFORE)
    inside = (session.minute >= -_BEFORE) & (session.minute < length + _BEFORE)
    volume[session.minute[inside] + _BEFORE] = session.volume[inside]
    return volume


def _has_bars(session: SessionBars, length: int, late: int) -> bool:
    moved = session.minute - late
    return bool(((moved >= 0) & (moved < length)).sum() >= _FEWEST_BARS * length)


def _edges(volume: Volumes, length: int, late: int, floor: float) -> tuple[float, float]:
    """Return how sharply volume rises into the first and into the last minute."""
    first, last = _BEFORE + late, _BEFORE + length - 1 + late
    rises = [np.log((volume[at] + floor) / (volume[at - 1] + floor)) for at in (first, last)]
    return float(rises[0]), float(rises[1])


def _level(volume: Volumes, length: int, late: int, floor: float) -> float:
    """Return how much more is traded just inside the session than just outside, the minute of the auction aside."""
    first, end = _BEFORE + late, _BEFORE + length + late
    inside = (volume[first : first + 5].mean() + floor) * (volume[end - 5 : end].mean() + floor)
    return float(
        np.log(inside / ((volume[first - 5 : first].mean() + floor) * (volume[end + 1 : end + 6].mean() + floor)))
    )
