"""What a page shows, as a sentence."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from analytics.queries.comparison import ComparedSeries, Comparison
from analytics.queries.figures import NO_BREAK_SPACE, clock, day, percent, price, share, thousands
from analytics.queries.pair_range import PairRange
from analytics.queries.statistics import Statistics, SymbolStatistics


def finding_sentence(comparison: Comparison, now: datetime) -> str:
    """Say who leads, by how much, since when, over how many matched minutes; changes since the base minute's close."""
    ranked = sorted(comparison.series, key=lambda each: each.cumulative_return, reverse=True)
    first, second = ranked[0], ranked[1]
    since = day(comparison.base_session, now)
    lead = f"{(first.cumulative_return - second.cumulative_return) * 100:.1f}"
    over = f"{thousands(comparison.matched_minutes)} minutes"
    if lead == "0.0":
        return f"{first.symbol} and {second.symbol} are level since {since} ({_changes(ranked)}, {over})"
    return f"{first.symbol} leads by {lead} points since {since} ({_changes(ranked)}, {over})"


def _changes(ranked: list[ComparedSeries]) -> str:
    first, *others = ranked
    if len(others) == 1:
        return f"{percent(first.cumulative_return, 1)} against {percent(others[0].cumulative_return, 1)}"
    named = ", ".join(f"{each.symbol} {percent(each.cumulative_return, 1)}" for each in others)
    return f"{percent(first.cumulative_return, 1)} against {named}"


def statistics_sentence(statistics: Statistics) -> str:
    """Say what each symbol gained and how much it strayed in a year."""
    return "; ".join(_gain_and_risk(each) for each in statistics.symbols)


def _gain_and_risk(measured: SymbolStatistics) -> str:
    gain, risk = (measured.figures[name].value for name in ("cumulative_return", "volatility"))
    if gain is None:
        return f"{measured.symbol} has no minutes in this range"
    if risk is None:
        return f"{measured.symbol} {percent(gain, 1)}"
    return f"{measured.symbol} {percent(gain, 1)} at a volatility of {share(risk, 1)} a year"


def pair_sentence(pair: PairRange) -> str:
    """Say how two symbols moved together, and whether one of them moved first."""
    first, second = pair.symbols
    if not pair.matched_minutes:
        return f"{first} and {second} share no minute in this range"
    correlation, beta = (pair.figures[f"{name}_5min"].value for name in ("correlation", "beta"))
    if correlation is None or beta is None:
        return f"{first} and {second}: too little moved in this range to compare"
    lead = _lead(pair)
    moves = f"when {second} moved by 1{NO_BREAK_SPACE}%, {first} moved by {share(beta / 100, 2)}"
    return f"Over five minutes the correlation is {price(correlation)}; {moves}{lead}"


def _lead(pair: PairRange) -> str:
    minutes, strength, band = (pair.figures[f"lead_lag_{name}"].value for name in ("minutes", "correlation", "band"))
    if minutes is None or strength is None or band is None:
        return ""
    if minutes == 0 or abs(strength) <= band:
        return "; neither moved first"
    leader = pair.symbols[1 if minutes > 0 else 0]
    count = round(abs(minutes))
    return f"; {leader} moved first, by {count} minute{'' if count == 1 else 's'}"


def means_sentence(rows: Sequence[Mapping[str, Any]], when: str) -> str:
    """Say what each symbol averaged in the newest of some rows, newest first, and how that changed from the one before.

    `when` introduces the newest row's time, such as "On 1 Oct".
    """
    if not rows:
        return "No rows in this range"
    parts = []
    for symbol in dict.fromkeys(row["symbol"] for row in rows):
        newest, *before = [row["mean_close"] for row in rows if row["symbol"] == symbol][:2]
        change = f" ({percent(newest / before[0] - 1.0, 1)})" if before else ""
        parts.append(f"{symbol} averaged {price(newest)}{change}")
    return f"{when} {', '.join(parts)}"


def average_sentence(symbol: str, row: Mapping[str, Any] | None, name: str = "sma_200") -> str:
    """Say how the close of a row with moving averages stands to one of them."""
    if row is None:
        return "No rows in this range"
    when = clock(datetime.fromisoformat(row["bar_start"]))
    average = row[name]
    if average is None:
        return f"{symbol} stood at {price(row['close'])} on {when} ET; there are not 200 minutes yet for the average"
    gap = row["close"] / average - 1.0
    side = f"{percent(abs(gap), 2).lstrip('+')} {'above' if gap > 0 else 'below'}" if round(gap, 4) else "at"
    return f"{symbol} stood at {price(row['close'])} on {when} ET, {side} its mean of the last 200 minutes"


def coverage_sentence(present: int, expected: int, symbols: int) -> str:
    """Say how many of the expected regular minutes there are, over all symbols."""
    named = f"{symbols} symbol{'' if symbols == 1 else 's'}"
    return f"{named}: {thousands(present)} of {thousands(expected)} expected minutes are here"
