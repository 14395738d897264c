"""Which end of the minute the stamps of a reply name: its start (the vendor's way today) or its end.

The vendor changed from end to start between 2021-06 and 2023-08 without a word, so a reply is asked itself:

1. Extended trading runs from 04:00 to 20:00 (17:00 on a half day). A stamp at 04:00 can only be a start, one at
   20:00 only an end; a reply with both fits neither and is refused.
2. A reply of regular hours alone: a stamp at 09:30 is a start; without one, a stamp at the close is an end.
3. Else the volume tells: it rises into the first and into the last minute of regular trading.
4. Else nothing contradicts the vendor's way of today, and the stamps are starts.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from market.calendar import NEW_YORK, is_session, session_hours

_DAY_MINUTES = 24 * 60
_PRE_OPEN, _OPEN = 4 * 60, 9 * 60 + 30
_REGULAR_MINUTES = 390
# Logarithm of how many times better one reading must fit than the other; it is 3 to 12 on recorded months.
_DECISIVE_SCORE = 1.5


class Label(StrEnum):
    START = "start"
    END = "end"


class LabelContradictory(ValueError):
    """The stamps fit neither convention."""


@dataclass(frozen=True, slots=True)
class FoundLabel:
    label: Label
    reason: str

    def __str__(self) -> str:
        return f"{self.label} ({self.reason})"


@dataclass(frozen=True, slots=True)
class _Stamps:
    """Minutes of the New York day of the stamps on sessions, with that session's close and end, and the volume."""

    minute: npt.NDArray[np.int64]
    close: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    volume: npt.NDArray[np.int64]


def find_label(stamps: npt.NDArray[np.datetime64], volume: npt.NDArray[np.int64]) -> FoundLabel:
    """Return the convention of naive New York stamps (whole minutes). Raises LabelContradictory."""
    on_sessions = _on_sessions(stamps.astype("datetime64[m]").astype(np.int64), volume)
    found = _from_extended_hours(on_sessions) or _from_regular_hours(on_sessions) or _from_volume(on_sessions)
    return found or FoundLabel(Label.START, "assumed: nothing in the reply tells")


def _on_sessions(minutes: npt.NDArray[np.int64], volume: npt.NDArray[np.int64]) -> _Stamps:
    days, inverse = np.unique(minutes // _DAY_MINUTES, return_inverse=True)
    ends = np.array([_close_and_end(np.datetime64(int(day), "D").astype(date)) for day in days]).reshape(-1, 2)
    close, end = ends[inverse, 0], ends[inverse, 1]
    traded = close > 0
    return _Stamps((minutes % _DAY_MINUTES)[traded], close[traded], end[traded], volume[traded])


def _close_and_end(on: date) -> tuple[int, int]:
    if not is_session(on):
        return 0, 0
    hours = session_hours(on)
    close, end = (instant.astimezone(NEW_YORK) for instant in (hours.session_close, hours.post_close))
    return close.hour * 60 + close.minute, end.hour * 60 + end.minute


def _from_extended_hours(stamps: _Stamps) -> FoundLabel | None:
    starts, ends = bool((stamps.minute == _PRE_OPEN).any()), bool((stamps.minute == stamps.end).any())
    if starts and ends:
        raise LabelContradictory("stamps run from the first minute of extended trading to its very end")
    if starts:
        return FoundLabel(Label.START, "a stamp at 04:00")
    return FoundLabel(Label.END, "a stamp at the end of extended trading") if ends else None


def _from_regular_hours(stamps: _Stamps) -> FoundLabel | None:
    if not stamps.minute.size or ((stamps.minute < _OPEN) | (stamps.minute > stamps.close)).any():
        return None
    if (stamps.minute == _OPEN).any():
        return FoundLabel(Label.START, "regular hours with a stamp at 09:30")
    if (stamps.minute == stamps.close).any():
        return FoundLabel(Label.END, "regular hours with a stamp at the close and none at 09:30")
    return None


def _from_volume(stamps: _Stamps) -> FoundLabel | None:
    score = _session_shape(stamps, shift=0) - _session_shape(stamps, shift=1)
    if abs(score) < _DECISIVE_SCORE:
        return None
    if score > 0:
        return FoundLabel(Label.START, "volume rises at 09:30 and in the minute before the close")
    return FoundLabel(Label.END, "volume rises at 09:31 and at the close")


def _session_shape(stamps: _Stamps, shift: int) -> float:
    """Return how much volume rises into the first and the last regular minute, if stamps are `shift` minutes late."""
    regular = stamps.volume[(stamps.minute >= _OPEN) & (stamps.minute <= stamps.close)]
    # Without a floor, a minute that nobody traded would make the next one look like an opening.
    floor = 1.0 + 0.05 * float(regular.sum()) / _REGULAR_MINUTES

    def volume(minute: npt.NDArray[np.int64] | int) -> float:
        return floor + float(stamps.volume[stamps.minute == minute].sum())

    first = volume(_OPEN + shift) / volume(_OPEN - 1 + shift)
    last = volume(stamps.close - 1 + shift) / volume(stamps.close - 2 + shift)
    return float(np.log(first * last))
