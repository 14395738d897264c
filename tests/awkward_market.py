"""Symbols that defeat careless arithmetic."""

from collections.abc import Callable
from datetime import date
from typing import Any

from market.actions import Source, store_actions
from market.lake.location import Lake
from market.providers.facts import Dividend, Split
from tests.builders import FETCHED_AT, make_bar, make_session_bars, write_bars

SESSIONS = (date(2026, 10, 1), date(2026, 10, 14), date(2026, 11, 20))
EARLIER = (date(2026, 8, 3), date(2026, 8, 4))
FLAT: dict[str, Any] = {"open": 50.1, "high": 50.1, "low": 50.1, "close": 50.1}
AWKWARD: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "ONE": lambda: [make_bar(symbol="ONE")],
    "GAPS": lambda: [bar for on in SESSIONS for bar in make_session_bars("GAPS", on)[:: 1 + on.day]],
    "FLAT": lambda: [bar for on in SESSIONS[:2] for bar in make_session_bars("FLAT", on, **FLAT)],
    "NOVOL": lambda: [bar for on in SESSIONS[:2] for bar in make_session_bars("NOVOL", on, volume=0)],
    "EARLY": lambda: [bar for on in EARLIER for bar in make_session_bars("EARLY", on)],
    "EXTRA": lambda: [bar | {"phase": "post"} for bar in make_session_bars("EXTRA", SESSIONS[0])],
    "AAPL": lambda: [bar for on in SESSIONS[:2] for bar in make_session_bars("AAPL", on)],
}


def write_awkward(lake: Lake) -> None:
    """Write the bars, a split inside a gap, and a dividend of a symbol that has no regular close."""
    write_bars(lake, [bar for make in AWKWARD.values() for bar in make()])
    store_actions(lake, Source("GAPS", "alpha_vantage", FETCHED_AT), [Split(date(2026, 10, 9), 3.0)], [])
    paid = Dividend(date(2026, 10, 2), 0.5, None, None, None)
    store_actions(lake, Source("EXTRA", "alpha_vantage", FETCHED_AT), [], [paid])
