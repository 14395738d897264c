"""What each session of a symbol, or of two, was like: volatility, quality and pairs."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations

from analytics.queries.pairs_on_demand import compare_on_demand, months_of_both
from analytics.queries.reader import LakeReader, TableView
from analytics.queries.rows import Made, Rows, newest_first, newest_first_of
from analytics.schemas import pair_name
from market.lake.snapshots import Part
from market.months import Month


def volatility_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (session, symbol), newest session first. Raises NoBars, SymbolUnknown, NotProcessed."""
    return newest_first(reader, "volatility", "session", symbols, first, last)


def quality_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (session, symbol), newest session first. Raises NoBars, SymbolUnknown, NotProcessed."""
    return newest_first(reader, "quality", "session", symbols, first, last)


def pair_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per session and pair of the symbols, newest first; `symbol` names the pair.

    A pair that `process_prices` was not asked for is compared now. Raises NoBars, SymbolUnknown, RangeTooWide.
    """
    made_from = {pair_name(*pair): pair for pair in combinations(sorted(symbols), 2)}

    def now(bars: TableView, pair: tuple[str, ...]) -> Made:
        a, b = pair
        months = months_of_both(bars, (a, b), str(Month.of(first)), str(Month.of(last)))
        table = compare_on_demand(reader, bars, (a, b), months)
        return Made(table, [Part(symbol, month) for symbol in pair for month in months])

    return newest_first_of(reader, "pairs", "session", made_from, first, last, now)
