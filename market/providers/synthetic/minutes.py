"""The minutes of one made-up session: a price path through given points, and the volume of a U-shaped day."""

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from market.calendar import SessionHours, session_hours
from market.providers.synthetic.companies import Company, all_sessions, company, log_closes
from market.providers.synthetic.noise import Floats, Keys, normals, uniforms

_MARKET_SHARE = 0.7  # of a minute's move; two symbols' minute returns correlate at its square
_MISSING_REGULAR = 0.0004
_BAD_PRINTS = 0.0002
_AUCTION_SHARE = 0.08
_EXTENDED_SHARE = 0.03
_EXTENDED_VOLATILITY = 0.3


@dataclass(frozen=True)
class Clock:
    """Minutes of a session counted from 04:00: `first` regular, `close` (the auction's), `end` of the post-market."""

    day: int
    first: int
    close: int
    end: int

    @property
    def minutes(self) -> Keys:
        return np.arange(self.end)

    @property
    def keys(self) -> Keys:
        """Return a number for each minute that no other minute of any session has."""
        return np.int64(self.day) * 2048 + self.minutes

    @property
    def is_regular(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        return (self.minutes >= self.first) & (self.minutes < self.close)


@dataclass(frozen=True)
class SessionMinutes:
    """Parallel arrays over the minutes that traded; `minute` counts from 04:00, prices are dollars."""

    minute: Keys
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Keys


@cache
def clock_of(session: date) -> Clock:
    hours: SessionHours = session_hours(session)
    first, close, end = (
        int((instant - hours.pre_open).total_seconds()) // 60
        for instant in (hours.session_open, hours.session_close, hours.post_close)
    )
    return Clock(session.toordinal(), first, close, end)


def make_session(symbol: str, session: date) -> SessionMinutes:
    """Return a session's bars; the same ones for the same arguments, today and on any machine."""
    traits, clock = company(symbol), clock_of(session)
    volatility = _volatility(traits, clock)
    path = _path(traits, session, clock, volatility)
    keys = clock.keys
    opens, closes = path[:-1], path[1:]
    spread = 0.6 * volatility
    highs = np.maximum(opens, closes) + spread * np.abs(normals(f"{symbol}/high", keys))
    lows = np.minimum(opens, closes) - spread * np.abs(normals(f"{symbol}/low", keys))
    lows = _with_bad_prints(symbol, clock, lows)
    expected = _expected_volume(traits, clock)
    volume = np.maximum(1, expected * np.exp(0.45 * normals(f"{symbol}/volume", keys) - 0.1)).astype(np.int64)
    traded = _traded(symbol, clock, expected)
    return SessionMinutes(
        minute=clock.minutes[traded],
        open=_dollars(opens[traded]),
        high=_dollars(highs[traded]),
        low=_dollars(lows[traded]),
        close=_dollars(closes[traded]),
        volume=volume[traded],
    )


def _dollars(log_price: Floats) -> Floats:
    return np.array(np.round(np.exp(log_price), 2), dtype=np.float64)


def _path(traits: Company, session: date, clock: Clock, volatility: Floats) -> Floats:
    """Return log prices at the `end + 1` minute boundaries, through the session's open and close."""
    moves = _MARKET_SHARE * normals("market/minute", clock.keys)
    moves += (1 - _MARKET_SHARE**2) ** 0.5 * normals(f"{traits.symbol}/minute", clock.keys)
    moves *= volatility
    number = all_sessions()[session]
    closes = log_closes(traits.symbol)
    before, close = closes[max(number - 1, 0)], closes[number]
    evening, tonight, gap = (
        normals(f"{traits.symbol}/{name}", np.array([clock.day - back, clock.day]))
        for name, back in (("evening", 3), ("evening", 0), ("gap", 0))
    )
    start = before + 0.1 * traits.own_volatility * evening[0]
    opening = before + 0.4 * (close - before) + 0.2 * traits.own_volatility * gap[0]
    end = close + 0.1 * traits.own_volatility * tonight[0]
    parts = (
        (0, clock.first, start, opening),
        (clock.first, clock.close, opening, close),
        (clock.close, clock.end, close, end),
    )
    return np.concatenate([[start], *(_bridge(moves[a:b], from_, to) for a, b, from_, to in parts)])


def _bridge(moves: Floats, start: float, end: float) -> Floats:
    walk = np.cumsum(moves)
    progress = np.arange(1, moves.size + 1) / moves.size
    bridge: Floats = start + walk + (end - start - walk[-1]) * progress
    return bridge


def _volatility(traits: Company, clock: Clock) -> Floats:
    """Return the standard deviation of each minute's move: high at the open, raised at the close, low outside."""
    shape = np.where(clock.is_regular, _u_shape(clock, opening=1.8, closing=0.5), _EXTENDED_VOLATILITY)
    session = (traits.own_volatility**2 + (0.008 * traits.beta) ** 2) ** 0.5
    mood = np.exp(0.25 * normals("market/mood", np.array([clock.day])))
    return np.array(session * mood * shape / np.sqrt((shape[clock.is_regular] ** 2).sum()))


def _u_shape(clock: Clock, opening: float, closing: float) -> Floats:
    since_open, to_close = clock.minutes - clock.first, clock.close - 1 - clock.minutes
    return np.array(1.0 + opening * np.exp(-np.abs(since_open) / 25.0) + closing * np.exp(-np.abs(to_close) / 20.0))


def _expected_volume(traits: Company, clock: Clock) -> Floats:
    day = np.array([clock.day])
    mood = np.exp(0.18 * normals("market/volume", day) + 0.18 * normals(f"{traits.symbol}/day-volume", day))
    shape = np.where(clock.is_regular, _u_shape(clock, opening=2.5, closing=2.0), 0.0)
    shape /= shape.sum()
    extended = np.where(clock.is_regular, 0.0, _u_shape(clock, opening=4.0, closing=4.0))
    shape += _EXTENDED_SHARE * extended / extended.sum()
    shape[clock.close] = _AUCTION_SHARE
    length = (clock.close - clock.first) / 390
    return np.array(traits.daily_volume * length * mood * shape)


def _traded(symbol: str, clock: Clock, expected: Floats) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Tell which minutes had a trade: nearly all regular ones, fewer outside, always the open and the auction."""
    missing = np.where(clock.is_regular, _MISSING_REGULAR, 0.0) + 1.0 / (1.0 + expected / 12.0)
    missing[[clock.first, clock.close - 1, clock.close]] = 0.0
    return np.asarray(uniforms(f"{symbol}/traded", clock.keys) >= missing)


def _with_bad_prints(symbol: str, clock: Clock, lows: Floats) -> Floats:
    """Let a rare low in extended hours be a price that nobody traded at."""
    chance = uniforms(f"{symbol}/bad-print", clock.keys)
    bad = (chance < _BAD_PRINTS) & ~clock.is_regular & (clock.minutes != clock.close)
    return np.where(bad, lows - 0.12 - 1000.0 * chance, lows)
