"""Derived tables as they are stored, against plain programs; and what is served of a range."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import exchange_calendars
import pandas as pd
import plain_measures as plain
from agreeing import Agreement, largest_difference
from compare_ranges import over_range
from plain_pairs import matched, session_pair
from served_market import FIRST, LAST, SYMBOLS, Bars, Market, processed_market

PLAIN = "plain program"


def served() -> list[Agreement]:
    with processed_market() as market:
        return [*stored(market), *stored_pairs(market), *over_range(market)]


def stored(market: Market) -> Iterator[Agreement]:
    """Compare all parts of both symbols."""
    calendar = exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST)

    def length(session: date) -> int:
        return len(calendar.session_minutes(pd.Timestamp(session)))

    programs: Mapping[str, Any] = {
        "daily": plain.daily,
        "hourly": plain.hourly,
        "returns": plain.returns,
        "indicators": plain.volume_indicators,
        "volatility": plain.volatility,
        "seasonality": lambda bars: [row for month in _months(bars) for row in plain.seasonality(month)],
        "quality": lambda bars: plain.quality(bars, length),
    }
    for table, program in programs.items():
        rows = [row for symbol in SYMBOLS for row in program(market.bars[symbol])]
        yield from _columns(market, table, rows)


def _columns(market: Market, table: str, rows: list[plain.Row]) -> Iterator[Agreement]:
    ours = market.stored(table)
    for name in rows[0]:
        reference = "exchange_calendars" if name == "expected_minutes" else PLAIN
        difference = largest_difference(ours[name].to_pylist(), [row[name] for row in rows])
        yield Agreement(f"{table}.{name}", reference, difference)


def _months(bars: Bars) -> list[Bars]:
    months: dict[str, Bars] = {}
    for bar in bars:
        months.setdefault(f"{bar['session']:%Y-%m}", []).append(bar)
    return list(months.values())


def stored_pairs(market: Market) -> Iterator[Agreement]:
    a, b = (market.bars[symbol] for symbol in SYMBOLS)
    counts = [
        {session: len(some) for session, some in plain.by(plain.regular(side), "session").items()} for side in (a, b)
    ]
    both = matched(a, b)
    rows = [
        session_pair([pair for pair in both if pair[0]["session"] == session], (counts[0][session], counts[1][session]))
        for session in counts[0]
    ]
    yield from _columns(market, "pairs", rows)
