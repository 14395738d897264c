"""How far figures are from those of a reference."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Values = Any


@dataclass(frozen=True)
class Agreement:
    """One line of the page: the largest difference, in shares of the largest value of the reference."""

    measure: str
    reference: str
    difference: float


def largest_difference(ours: Values, theirs: Values) -> float:
    """Return the largest difference over the largest reference; infinite if one is null where the other is not."""
    mine, reference = _numbers(ours), _numbers(theirs)
    if mine.shape != reference.shape or not len(mine) or (np.isnan(mine) != np.isnan(reference)).any():
        return math.inf
    if np.isnan(reference).all():
        return math.inf
    return float(np.nanmax(np.abs(mine - reference)) / (np.nanmax(np.abs(reference)) or 1.0))


def _numbers(values: Values) -> Values:
    return np.array([math.nan if value is None else value for value in np.atleast_1d(values).tolist()], float)
