"""Which end of the minute stamps name: its start or its end. Stated by somebody, or found in the stamps themselves.

Alpha Vantage changed from end to start between 2021-06 and 2023-08 without a word, and files come from anywhere:

1. Extended trading runs from 04:00 to 20:00 (17:00 on a half day). A stamp at 04:00 can only be a start, one at
   20:00 only an end; stamps at both fit neither.
2. Stamps within regular hours alone: one at 09:30 is a start; stamps at the close and none at 09:30 are ends, if
   there are so many that a minute after the opening would be among them.
3. Else the volume tells: it rises into the first and into the last minute of regular trading.
4. Else nobody can tell, and the stamps are refused: a minute's shift would be silent and wrong everywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

from market.calendar import NEW_YORK, is_session, session_hours

Stamps = npt.NDArray[np.datetime64]
Volumes = npt.NDArray[np.int64]
_Minute = npt.NDArray[np.int64] | int
_VolumeAt = Callable[[_Minute], float]
_DAY_MINUTES = 24 * 60
_PRE_OPEN, _OPEN = 4 * 60, 9 * 60 + 30
_REGULAR_MINUTES = 390
# Logarithm of how many times better one reading must fit than the other; it is 3 to 12 on recorded months.
_DECISIVE_SCORE = 1.5
# The second minute of a recorded session has up to 0.8 times the volume of the first in 97 of 100 cases; ends that were
# cut have 3.8 times or more. What lies between tells nothing.
_QUIETER = 1.5
# With fewer regular minutes, a single trade makes a minute stand out.
_FEW = 100
# How likely, at most, the minute after the opening may be missing by chance when its absence is taken for a sign.
_CHANCE = 0.01


class Label(StrEnum):
    START = "start"
    END = "end"


class LabelUndecided(ValueError):
    """The stamps fit both conventions."""


class Sign(IntEnum):
    """How much stamps tell of their label: nothing, by the volume's rise and fall, or by the edges of the sessions."""

    NONE = 0
    VOLUME = 1
    EDGE = 2


@dataclass(frozen=True, slots=True)
class FoundLabel:
    """`sign` is what the stamps themselves say of it, whoever states it."""

    label: Label
    reason: str
    sign: Sign

    def __str__(self) -> str:
        return f"{self.label} ({self.reason})"


class LabelContradictory(ValueError):
    """The stamps fit neither convention, or not the one that is stated but `found`."""

    def __init__(self, message: str, found: FoundLabel | None = None) -> None:
        super().__init__(message)
        self.found = found


@dataclass(frozen=True, slots=True)
class _OnSessions:
    """Minutes of the New York day of the stamps on sessions, with that session's close and end, and the volume."""

    day: npt.NDArray[np.int64]
    minute: npt.NDArray[np.int64]
    close: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    volume: Volumes

    def sessions_with(self, chosen: npt.NDArray[np.bool_]) -> int:
        return int(np.unique(self.day[chosen]).size)


def find_label(stamps: Stamps, volume: Volumes) -> FoundLabel:
    """Return the convention of naive New York stamps (whole minutes). Raises LabelContradictory or LabelUndecided."""
    on_sessions = _on_sessions(stamps, volume)
    found = _from_extended_hours(on_sessions) or _from_regular_hours(on_sessions) or _from_volume(on_sessions)
    if found is None:
        raise LabelUndecided(
            "nothing tells whether the stamps name the start or the end of their minute; state it with --label start "
            "or --label end"
        )
    return found


def check_label(stated: Label, by: str, stamps: Stamps, volume: Volumes) -> FoundLabel:
    """Return what is stated, unless the edges of the sessions contradict it. Raises LabelContradictory."""
    on_sessions = _on_sessions(stamps, volume)
    at_start, at_end = _at_edges(on_sessions)
    found = _from_regular_hours(on_sessions)
    if at_start != at_end:
        found = _START_BY_EDGE if at_start > at_end else _END_BY_EDGE
    if found and found.label != stated:
        raise LabelContradictory(f"the label {stated} is stated by {by}, but the stamps say {found}", found)
    return FoundLabel(stated, f"stated by {by}", Sign.EDGE if found else Sign.NONE)


_START_BY_EDGE = FoundLabel(Label.START, "a stamp at 04:00", Sign.EDGE)
_END_BY_EDGE = FoundLabel(Label.END, "a stamp at the end of extended trading", Sign.EDGE)


def _on_sessions(stamps: Stamps, volume: Volumes) -> _OnSessions:
    minutes = stamps.astype("datetime64[m]").astype(np.int64)
    days, inverse = np.unique(minutes // _DAY_MINUTES, return_inverse=True)
    ends = np.array([close_and_end(np.datetime64(int(day), "D").astype(date)) for day in days]).reshape(-1, 2)
    close, end = ends[inverse, 0], ends[inverse, 1]
    traded = close > 0
    return _OnSessions(
        day=(minutes // _DAY_MINUTES)[traded],
        minute=(minutes % _DAY_MINUTES)[traded],
        close=close[traded],
        end=end[traded],
        volume=volume[traded],
    )


def close_and_end(on: date) -> tuple[int, int]:
    """Return the minutes of the New York day at which regular and extended trading end; zeros without trading."""
    if not is_session(on):
        return 0, 0
    hours = session_hours(on)
    close, end = (instant.astimezone(NEW_YORK) for instant in (hours.session_close, hours.post_close))
    return close.hour * 60 + close.minute, end.hour * 60 + end.minute


def _at_edges(stamps: _OnSessions) -> tuple[int, int]:
    """Count the sessions with a stamp at 04:00, and those with one at the end of extended trading."""
    return stamps.sessions_with(stamps.minute == _PRE_OPEN), stamps.sessions_with(stamps.minute == stamps.end)


def _from_extended_hours(stamps: _OnSessions) -> FoundLabel | None:
    starts, ends = _at_edges(stamps)
    if starts and ends:
        raise LabelContradictory("stamps run from the first minute of extended trading to its very end")
    if starts:
        return _START_BY_EDGE
    return _END_BY_EDGE if ends else None


def _from_regular_hours(stamps: _OnSessions) -> FoundLabel | None:
    if not stamps.minute.size or (stamps.minute < _OPEN).any():
        return None
    from_open, regular = bool((stamps.minute == _OPEN).any()), not (stamps.minute > stamps.close).any()
    volume_at = _volume_at(stamps)
    # Ends that were cut at 09:30 hold the last minute before the opening, and it is far quieter than the next.
    rise = volume_at(_OPEN + 1) / volume_at(_OPEN)
    if from_open and rise > np.exp(_DECISIVE_SCORE):
        raise LabelContradictory("stamps begin at 09:30 as starts do, but the volume rises at 09:31 as with ends")
    if from_open and regular and rise <= _QUIETER:
        return FoundLabel(Label.START, "regular hours with a stamp at 09:30", Sign.EDGE)
    if regular and (stamps.minute == stamps.close).any() and _is_dense(stamps):
        return FoundLabel(Label.END, "regular hours with a stamp at the close and none at 09:30", Sign.EDGE)
    return None


def _is_dense(stamps: _OnSessions) -> bool:
    """Tell whether one certain minute is hardly missing by chance in every session."""
    sessions = stamps.sessions_with(stamps.minute >= 0)
    density = min(1.0, stamps.minute.size / (sessions * _REGULAR_MINUTES))
    return bool((1.0 - density) ** sessions <= _CHANCE)


def _from_volume(stamps: _OnSessions) -> FoundLabel | None:
    if ((stamps.minute >= _OPEN) & (stamps.minute <= stamps.close)).sum() < _FEW:
        return None
    volume_at = _volume_at(stamps)
    opening = _rise(volume_at, _OPEN, _OPEN - 1) - _rise(volume_at, _OPEN + 1, _OPEN)
    close = stamps.close
    closing = _rise(volume_at, close - 1, close - 2) - _rise(volume_at, close, close - 1)
    # The auction is the last busy minute, where bars after it tell that it was not cut off.
    after = _rise(volume_at, close, close + 1) - _rise(volume_at, close + 1, close + 2)
    score = opening + closing
    if score > 0 and _is_cut(stamps):
        # The volume falls at the close, or rises at 09:30, because somebody cut the stamps there, whatever they name.
        score = max(0.0, opening) if volume_at(_OPEN + 1) <= _QUIETER * volume_at(_OPEN) else 0.0
    if abs(score) < _DECISIVE_SCORE and (stamps.minute > close + 1).any():
        score += after
    if abs(score) < _DECISIVE_SCORE:
        return None
    if score > 0:
        reason = "volume rises at 09:30 and falls after 16:00, the minutes of the auctions"
        return FoundLabel(Label.START, reason, Sign.VOLUME)
    return FoundLabel(
        Label.END, "volume rises at 09:31 and falls after 16:01, the minutes of the auctions", Sign.VOLUME
    )


def _is_cut(stamps: _OnSessions) -> bool:
    """Tell whether nothing is before the opening, or nothing from the close on."""
    return not ((stamps.minute < _OPEN).any() and (stamps.minute >= stamps.close).any())


def _rise(volume_at: _VolumeAt, minute: _Minute, before: _Minute) -> float:
    """Return the logarithm of how many times the volume grows from one minute to the next."""
    return float(np.log(volume_at(minute) / volume_at(before)))


def _volume_at(stamps: _OnSessions) -> _VolumeAt:
    """Return a function from a minute of the day to the volume of that minute in all sessions, with a floor."""
    regular = stamps.volume[(stamps.minute >= _OPEN) & (stamps.minute <= stamps.close)]
    # Without a floor, a minute that nobody traded would make the next one look like an opening.
    floor = 1.0 + 0.05 * float(regular.sum()) / _REGULAR_MINUTES
    return lambda minute: floor + float(stamps.volume[stamps.minute == minute].sum())
