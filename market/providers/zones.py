"""Which clock stamps were read from: New York's or UTC's. Stated by somebody, or found in the stamps themselves.

1. Trading runs from 04:00 to 20:00 New York on sessions. A clock by which more than a twentieth of the stamps lies
   outside, while by the other hardly any does, is the wrong one.
2. Where both fit, most bars lie in regular hours by the right one: four or five hours off, a third fewer do.
3. Else nobody can tell, and the stamps are refused.

Any other clock is refused as well, by the volume: the most of it in six and a half hours is traded in regular hours.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from market.calendar import NEW_YORK
from market.providers.labels import Stamps, Volumes, close_and_end

_PRE_OPEN, _OPEN = 4 * 60, 9 * 60 + 30
_DAY_MINUTES = 24 * 60
_FITS, _WRONG = 0.005, 0.05
_CLEARLY_MORE = 1.3
# The auctions alone are more than this part of a day's volume.
_CLEARLY_BUSIER = 1.03
_FEW = 100


class Zone(StrEnum):
    NEW_YORK = "new_york"
    UTC = "utc"


class ZoneUndecided(ValueError):
    """The stamps fit both clocks."""


class ZoneContradictory(ValueError):
    """The stamps fit neither clock, or not the one that is stated."""


@dataclass(frozen=True, slots=True)
class FoundZone:
    zone: Zone
    reason: str

    def __str__(self) -> str:
        return f"{self.zone} ({self.reason})"


def in_new_york(stamps: Stamps, zone: Zone) -> Stamps:
    """Return naive stamps of a zone as naive New York ones."""
    if zone is Zone.NEW_YORK:
        return stamps
    aware: Any = pa.array(stamps.astype("datetime64[s]"), pa.timestamp("s", tz=str(NEW_YORK)))
    return np.array(pc.local_timestamp(aware).to_numpy(zero_copy_only=False))


def find_zone(stamps: Stamps) -> FoundZone:
    """Return the clock of naive stamps; one minute more or less does not matter here.

    Raises ZoneUndecided and ZoneContradictory.
    """
    fits = {zone: _fit(in_new_york(stamps, zone)) for zone in Zone}
    (outside, regular), (outside_utc, regular_utc) = fits[Zone.NEW_YORK], fits[Zone.UTC]
    if outside <= _FITS and outside_utc > _WRONG:
        return FoundZone(Zone.NEW_YORK, f"{outside_utc:.0%} would lie outside trading hours by UTC")
    if outside_utc <= _FITS and outside > _WRONG:
        return FoundZone(Zone.UTC, f"{outside:.0%} would lie outside trading hours by the clock of New York")
    if outside > _WRONG and outside_utc > _WRONG:
        raise ZoneContradictory("the stamps lie in trading hours neither by the clock of New York nor by UTC")
    if regular >= _CLEARLY_MORE * regular_utc:
        return FoundZone(Zone.NEW_YORK, f"{regular:.0%} lie in regular hours, {regular_utc:.0%} by UTC")
    if regular_utc >= _CLEARLY_MORE * regular:
        return FoundZone(Zone.UTC, f"{regular_utc:.0%} lie in regular hours, {regular:.0%} by the clock of New York")
    raise ZoneUndecided("the stamps fit New York and UTC alike; state it with --zone new_york or --zone utc")


def check_busy_hours(new_york: Stamps, volume: Volumes) -> None:
    """Raise ZoneContradictory when regular hours seem to lie some hours off, as by the clock of another city."""
    if new_york.size < _FEW:
        return
    weight = volume.astype(np.float64) if volume.any() else np.ones(volume.size)
    shares = {hours: _regular_share(new_york + np.timedelta64(hours, "h"), weight) for hours in range(-12, 13)}
    best = max(shares, key=lambda hours: (shares[hours], -abs(hours)))
    if shares[best] > _CLEARLY_BUSIER * shares[0]:
        raise ZoneContradictory(
            f"the busiest hours lie {abs(best)} hours {'before' if best > 0 else 'after'} regular trading, so the "
            "clock is neither New York's nor UTC; convert the stamps"
        )


def _regular_share(new_york: Stamps, weight: npt.NDArray[np.float64]) -> float:
    minutes = new_york.astype("datetime64[m]").astype(np.int64)
    days, inverse = np.unique(minutes // _DAY_MINUTES, return_inverse=True)
    close = np.array([close_and_end(np.datetime64(int(day), "D").astype(date))[0] for day in days])[inverse]
    minute = minutes % _DAY_MINUTES
    return float(weight[(minute >= _OPEN) & (minute <= close)].sum() / weight.sum())


def _fit(new_york: Stamps) -> tuple[float, float]:
    """Return the fractions of stamps outside trading hours and in regular hours."""
    minutes = new_york.astype("datetime64[m]").astype(np.int64)
    days, inverse = np.unique(minutes // _DAY_MINUTES, return_inverse=True)
    ends = np.array([close_and_end(np.datetime64(int(day), "D").astype(date)) for day in days]).reshape(-1, 2)
    close, end = ends[inverse, 0], ends[inverse, 1]
    minute = minutes % _DAY_MINUTES
    outside = (minute < _PRE_OPEN) | (minute > end)
    regular = (minute >= _OPEN) & (minute <= close)
    return float(outside.mean()), float(regular.mean())
