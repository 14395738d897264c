"""How much was traded at which price, numpy in and out."""

from dataclasses import dataclass

import numpy as np

from analytics.formulas.arrays import Floats

VALUE_AREA = 0.7


@dataclass(frozen=True)
class VolumeProfile:
    """Volume in bins of equal width between `edges`; the value area is bins `first` to `last`, both included."""

    edges: Floats
    volume: Floats
    point_of_control: int
    first: int
    last: int


def volume_profile(price: Floats, volume: Floats, bins: int) -> VolumeProfile | None:
    """Return the profile; None without volume. A price that stood still gives one bin."""
    if not len(price) or not volume.sum() > 0:
        return None
    low, high = float(price.min()), float(price.max())
    if low == high:
        return VolumeProfile(np.array([low, high]), np.array([volume.sum()]), 0, 0, 0)
    counted, edges = np.histogram(price, bins, (low, high), weights=volume)
    control = int(np.argmax(counted))
    return VolumeProfile(edges, counted, control, *_value_area(counted, control))


def _value_area(counted: Floats, control: int) -> tuple[int, int]:
    """Grow from the fullest bin towards the fuller neighbour until 70 % of the volume is inside."""
    first = last = control
    inside, wanted = float(counted[control]), VALUE_AREA * float(counted.sum())
    while inside < wanted and (first > 0 or last < len(counted) - 1):
        below = counted[first - 1] if first > 0 else -1.0
        above = counted[last + 1] if last < len(counted) - 1 else -1.0
        if above >= below:
            last += 1
            inside += float(above)
        else:
            first -= 1
            inside += float(below)
    return first, last
