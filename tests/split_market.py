"""A made-up market with splits, and the same market as if there had been none."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import prod
from typing import Any

from market.actions import Source, store_actions
from market.calendar import session_hours, sessions_in_range
from market.lake.location import Lake
from market.providers.facts import Split
from tests.builders import FETCHED_AT, make_bar

Bar = dict[str, Any]

SYMBOLS = ("AAPL", "MSFT")
MIDDLE, FIRST_OF_MONTH = date(2026, 9, 8), date(2026, 10, 1)
# One into more in the middle of a month and back in the next; and one on the first session of a month.
SPLITS = {"AAPL": [Split(MIDDLE, 7.0), Split(date(2026, 10, 6), 0.25)], "MSFT": [Split(FIRST_OF_MONTH, 1.5)]}
PRICES = ("open", "high", "low", "close")


def one_basis(sessions: int = 8, minutes: int = 32) -> list[Bar]:
    """Return August to October of both symbols on today's basis: random walks in 64ths of a dollar, and few sessions.

    All these prices and what they were before the splits are exact in binary, so no rounding is in the way.
    """
    chance = random.Random(7)
    return [
        bar
        for symbol in SYMBOLS
        for month in (8, 9, 10)
        for session in sessions_in_range(date(2026, month, 1), date(2026, month, 28))[:sessions]
        for bar in _session(chance, symbol, session, minutes)
    ]


def _session(chance: random.Random, symbol: str, session: date, minutes: int) -> Iterable[Bar]:
    opened = session_hours(session).session_open
    price = chance.randint(90 * 64, 110 * 64)
    for minute in range(minutes):
        before, price = price, price + chance.randint(-40, 40)
        yield make_bar(
            symbol=symbol,
            bar_start=opened + timedelta(minutes=minute),
            open=before / 64,
            high=(max(before, price) + chance.randint(0, 9)) / 64,
            low=(min(before, price) - chance.randint(0, 9)) / 64,
            close=price / 64,
            # So that whole shares were traded before the splits, too.
            volume=84 * chance.randint(1, 1000),
        )


@dataclass(frozen=True)
class Market:
    """How many of today's shares one share was on a day, by the splits of each symbol."""

    splits: Mapping[str, Iterable[Split]]

    def basis(self, symbol: str, session: date) -> float:
        return prod(split.factor for split in self.splits.get(symbol, ()) if session < split.effective)

    def as_traded(self, bars: Iterable[Bar]) -> list[Bar]:
        """Return the bars as they were before anybody knew of later splits."""
        return [self._as_traded(bar, self.basis(bar["symbol"], bar["session"])) for bar in bars]

    def _as_traded(self, bar: Bar, basis: float) -> Bar:
        prices = {name: bar[name] * basis for name in PRICES}
        return {**bar, **prices, "volume": int(bar["volume"] / basis)}


def tell_splits(lake: Lake, splits: Mapping[str, Iterable[Split]]) -> None:
    for symbol, of_symbol in splits.items():
        store_actions(lake, Source(symbol, "alpha_vantage", FETCHED_AT), of_symbol, [])
