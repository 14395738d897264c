"""The made-up companies: how each moves, and where its price stands at the close of every session."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from market.calendar import FIRST_DATE, LAST_DATE, foreseen
from market.providers.synthetic.noise import Floats, normals, uniforms

_ANCHOR = date(2026, 1, 2)
_MARKET_VOLATILITY = 0.008
# Part of yesterday's distance from the trend that is still there today; keeps decades of prices plausible.
_PERSISTENCE = 0.997


@dataclass(frozen=True, slots=True)
class Company:
    """Prices in dollars, `growth` a year and `own_volatility` a session as fractions, `daily_volume` in shares."""

    symbol: str
    price: float
    growth: float
    beta: float
    own_volatility: float
    daily_volume: float


_KNOWN = {
    "AAPL": Company("AAPL", price=262.0, growth=0.14, beta=1.15, own_volatility=0.010, daily_volume=48e6),
    "MSFT": Company("MSFT", price=485.0, growth=0.13, beta=1.0, own_volatility=0.009, daily_volume=22e6),
}


def company(symbol: str) -> Company:
    """Return the company of any symbol; an unknown one gets traits drawn from its name."""
    if symbol in _KNOWN:
        return _KNOWN[symbol]
    price, growth, beta, volatility, volume = uniforms(f"company/{symbol}", np.arange(5))
    return Company(
        symbol,
        price=round(15.0 * 30.0**price, 2),
        growth=0.02 + 0.08 * growth,
        beta=0.5 + beta,
        own_volatility=0.008 + 0.012 * volatility,
        daily_volume=4e5 * 60.0**volume,
    )


@cache
def all_sessions() -> dict[date, int]:
    """Return every session that the calendar foresaw with its position; a closure that is stated moves no prices."""
    days = (FIRST_DATE + timedelta(days=number) for number in range((LAST_DATE - FIRST_DATE).days + 1))
    closes = foreseen()
    sessions = (day for day in days if day.weekday() < 5 and closes.get(day, True))
    return {session: number for number, session in enumerate(sessions)}


@cache
def log_closes(symbol: str) -> Floats:
    """Return the logarithm of the close of every session of the calendar."""
    traits = company(symbol)
    days = np.array([session.toordinal() for session in all_sessions()])
    moves = traits.beta * _MARKET_VOLATILITY * normals("market/day", days)
    moves += traits.own_volatility * normals(f"{symbol}/day", days)
    distance, distances = 0.0, []
    for move in moves.tolist():
        distance = _PERSISTENCE * distance + move
        distances.append(distance)
    trend = np.log(traits.price) + traits.growth * (days - _ANCHOR.toordinal()) / 365.25
    return np.array(trend + np.array(distances))
