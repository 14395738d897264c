"""A small market with the awkward days in it, for tests that read.

Sessions: 31 Oct 2025 (the last of summer time), 3 Nov (the first of winter time), 26 Nov, 28 Nov (a half day).
MSFT lacks 10:00 to 10:02 New York on 3 Nov; AAPL's bar of 11:00 that day is quarantined, and it has a pre-market and an
auction bar. BRK.B trades on 3 Nov only. AAPL splits 2:1 on 26 Nov and goes ex-dividend on 28 Nov.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from market.actions import Source, store_actions
from market.calendar import session_hours
from market.lake.location import Lake
from market.providers.facts import Dividend, Split
from market.quality.limits import Limits
from market.quality.table import refresh_findings
from tests.builders import make_bar, make_lake, make_session_bars, write_bars
from tests.derived import write_derived

SESSIONS = (date(2025, 10, 31), date(2025, 11, 3), date(2025, 11, 26), date(2025, 11, 28))
AWKWARD = SESSIONS[1]
NOW = datetime(2025, 12, 1, 12, tzinfo=UTC)
MISSING_MINUTES = (30, 31, 32)
QUARANTINED_MINUTE = 90


def market_bars() -> list[dict[str, Any]]:
    bars = []
    for number, session in enumerate(SESSIONS):
        bars += make_session_bars("AAPL", session, first_close=100.0 + number)
        bars += make_session_bars("MSFT", session, first_close=500.0 - number, step=-0.02)
    bars += make_session_bars("BRK.B", AWKWARD, first_close=480.0)
    opened = session_hours(AWKWARD).session_open
    gone = {opened + timedelta(minutes=minute) for minute in MISSING_MINUTES}
    bars = [bar for bar in bars if not (bar["symbol"] == "MSFT" and bar["bar_start"] in gone)]
    for bar in bars:
        if bar["symbol"] == "AAPL" and bar["bar_start"] == opened + timedelta(minutes=QUARANTINED_MINUTE):
            bar |= {"quarantined": True, "flags": ["bad_print"], "close": 1.0}
    bars.append(make_bar(symbol="AAPL", bar_start=opened - timedelta(minutes=5), volume=7))
    bars.append(make_bar(symbol="AAPL", bar_start=session_hours(AWKWARD).session_close, volume=11))
    return bars


def write_market(folder: Path) -> Lake:
    lake = make_lake(folder)
    bars = market_bars()
    write_bars(lake, bars)
    write_derived(lake, bars)
    source = Source("AAPL", "alpha_vantage", NOW)
    store_actions(lake, source, [Split(SESSIONS[2], 2.0)], [Dividend(SESSIONS[3], 0.25, None, None, None)])
    refresh_findings(lake, Limits(), NOW)
    return lake
