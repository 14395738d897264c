"""A measure of a range with how much it rests on: a value, or the reason why there is none."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is None exactly when there is a `reason`; a `warning` says that the sample is small for the measure."""

    value: float | None
    sample: int
    sample_of: str
    warning: str | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "sample": self.sample,
            "sample_of": self.sample_of,
            "warning": self.warning,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Sample:
    """What a measure counts, how many there are, and how many it needs: to be defined at all, and to mean something."""

    count: int
    of: str
    fewest: int = 1
    sensible: int = 1

    def figure(self, value: float, undefined: str = "The price did not move.") -> Figure:
        """Return the value; `undefined` is the reason should it be none although the sample is large enough."""
        if self.count < self.fewest:
            return Figure(None, self.count, self.of, reason=self._too_few())
        if not np.isfinite(value):
            return Figure(None, self.count, self.of, reason=undefined)
        warning = None
        if self.count < self.sensible:
            warning = f"Only {self.count} {self.of}; under {self.sensible} this says little."
        return Figure(float(value), self.count, self.of, warning)

    def absent(self, reason: str) -> Figure:
        return Figure(None, self.count, self.of, reason=reason)

    def _too_few(self) -> str:
        return f"Needs at least {self.fewest} {self.of}; the range has {self.count}."
