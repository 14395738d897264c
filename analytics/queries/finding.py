"""The finding of a comparison, as a sentence."""

from datetime import datetime

from analytics.queries.comparison import ComparedSeries, Comparison
from analytics.queries.figures import day, percent, thousands


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
