"""What each session of a symbol, or of two, was like: volatility, quality and pairs."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations

from analytics.queries.reader import LakeReader
from analytics.queries.rows import Rows, newest_first, newest_first_of
from analytics.schemas import pair_name


def volatility_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (session, symbol), newest session first. Raises NoBars, SymbolUnknown, NotProcessed."""
    return newest_first(reader, "volatility", "session", symbols, first, last)


def quality_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (session, symbol), newest session first. Raises NoBars, SymbolUnknown, NotProcessed."""
    return newest_first(reader, "quality", "session", symbols, first, last)


def pair_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per session and pair of the symbols, newest first; `symbol` names the pair.

    Raises NoBars, SymbolUnknown, and NotProcessed for a pair that `process_prices` was not asked for.
    """
    made_from = {pair_name(*pair): pair for pair in combinations(sorted(symbols), 2)}
    return newest_first_of(reader, "pairs", "session", made_from, first, last)
