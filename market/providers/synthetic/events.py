"""What the made-up market does only when it is asked to; when each happens follows from the symbol and the date alone.

Every symbol has a split a year, a halt and a bad print a month, and a few bars a session that are said otherwise first.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache

import numpy as np

from market.calendar import FIRST_DATE, next_session, session_hours, sessions_in_range
from market.months import Month
from market.providers.facts import Split
from market.providers.synthetic.minutes import Clock, SessionMinutes, clock_of
from market.providers.synthetic.noise import uniforms

_RATIOS = (2, 3, 4)
_HALT_MINUTES = (20, 60)
_CALM = 30  # minutes after the open and before the close without halts
_BAD_PRINT = 0.7  # of the low; beyond what market.bars.flags takes for a move in regular hours
_CORRECTED = 0.01  # of the regular minutes
_SESSIONS_UNTIL_RIGHT = 3
_FIRST_VOLUME = 0.9


class Event(StrEnum):
    """Names in SYNTHETIC_EVENTS."""

    SPLIT = "split"
    HALT = "halt"
    BAD_PRINT = "bad_print"
    CORRECTION = "correction"


def disturb(
    bars: SessionMinutes, symbol: str, session: date, events: frozenset[Event], now: datetime
) -> SessionMinutes:
    """Return a session's bars as a vendor would say them at `now`, with the events that are asked for."""
    if Event.SPLIT in events and _is_split(symbol, session):
        bars = _divided(bars, _ratio(symbol))
    if Event.HALT in events and session == _session_of(symbol, Event.HALT, Month.of(session)):
        bars = _halted(bars, symbol, clock_of(session))
    if Event.BAD_PRINT in events and session == _session_of(symbol, Event.BAD_PRINT, Month.of(session)):
        bars = _misprinted(bars, symbol, clock_of(session))
    if Event.CORRECTION in events:
        bars = _uncorrected(bars, symbol, session, now)
    return bars


def splits(symbol: str, last: date) -> Iterator[Split]:
    """Yield the splits up to a date: in odd years into more shares, in even years back, so that prices stay usual."""
    for year in range(FIRST_DATE.year, last.year + 1):
        effective = _split_session(symbol, year)
        if effective <= last:
            yield Split(effective, float(_ratio(symbol)) if year % 2 else 1.0 / _ratio(symbol))


def _is_split(symbol: str, session: date) -> bool:
    return (session >= _split_session(symbol, session.year)) == bool(session.year % 2)


def _ratio(symbol: str) -> int:
    return _RATIOS[int(_draw(f"{symbol}/split-ratio", 0) * len(_RATIOS))]


@cache
def _split_session(symbol: str, year: int) -> date:
    sessions = sessions_in_range(date(year, 1, 1), date(year, 12, 31))
    # Neither the first nor the last: the session before it is of the same year.
    return sessions[1 + int(_draw(f"{symbol}/split", year) * (len(sessions) - 2))]


def _session_of(symbol: str, event: Event, month: Month) -> date:
    sessions = sessions_in_range(month.first_date, month.last_date)
    return sessions[int(_draw(f"{symbol}/{event}", month.first_date.toordinal()) * len(sessions))]


def _draw(stream: str, key: int) -> float:
    return float(uniforms(stream, np.array([key]))[0])


def _divided(bars: SessionMinutes, ratio: int) -> SessionMinutes:
    prices = {name: np.round(getattr(bars, name) / ratio, 2) for name in ("open", "high", "low", "close")}
    return replace(bars, **prices, volume=bars.volume * ratio)


def _halted(bars: SessionMinutes, symbol: str, clock: Clock) -> SessionMinutes:
    shortest, longest = _HALT_MINUTES
    length = shortest + int(_draw(f"{symbol}/halt-length", clock.day) * (longest - shortest + 1))
    room = clock.close - clock.first - length - 2 * _CALM
    begin = clock.first + _CALM + int(_draw(f"{symbol}/halt-begin", clock.day) * room)
    traded = (bars.minute < begin) | (bars.minute >= begin + length)
    names = ("minute", "open", "high", "low", "close", "volume")
    return SessionMinutes(**{name: getattr(bars, name)[traded] for name in names})


def _misprinted(bars: SessionMinutes, symbol: str, clock: Clock) -> SessionMinutes:
    regular = np.flatnonzero((bars.minute >= clock.first + _CALM) & (bars.minute < clock.close - _CALM))
    at = regular[int(_draw(f"{symbol}/bad-print-minute", clock.day) * regular.size)]
    low = bars.low.copy()
    low[at] = np.round(low[at] * _BAD_PRINT, 2)
    return replace(bars, low=low)


def _uncorrected(bars: SessionMinutes, symbol: str, session: date, now: datetime) -> SessionMinutes:
    """Take back what the vendor has not yet corrected: each of these bars is put right as a later session begins."""
    begun = sum(now >= session_hours(later).pre_open for later in _sessions_after(session))
    if begun == _SESSIONS_UNTIL_RIGHT:
        return bars
    clock = clock_of(session)
    draw = uniforms(f"{symbol}/correction", clock.keys[bars.minute])
    right_after = 1 + (draw / _CORRECTED * _SESSIONS_UNTIL_RIGHT).astype(np.int64)
    wrong = (draw < _CORRECTED) & clock.is_regular[bars.minute] & (right_after > begun)
    volume = np.where(wrong, np.maximum(1, (bars.volume * _FIRST_VOLUME).astype(np.int64)), bars.volume)
    return replace(bars, close=np.where(wrong, bars.low, bars.close), volume=volume)


@cache
def _sessions_after(session: date) -> tuple[date, ...]:
    later = [session]
    for _ in range(_SESSIONS_UNTIL_RIGHT):
        later.append(next_session(later[-1]))
    return tuple(later[1:])
