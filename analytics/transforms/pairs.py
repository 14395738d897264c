"""The table `pairs`: how two symbols moved together in each session, over the minutes that both have."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.formulas.pair_sessions import compare_sessions
from analytics.schemas import PAIRS_SCHEMA
from analytics.transforms.bars import is_regular
from analytics.transforms.grouped import WholeParts, derive_parts

WHOLE_PARTS = WholeParts(compare_sessions, PAIRS_SCHEMA, ("open", "close"), wants_minute=True, of_pairs=True)


def transform(bars: DataFrame, *, has_basis: bool = False) -> DataFrame:
    """Return one row per (pair, session) in which both symbols have a regular bar; `symbol` names the pair.

    A bar comes once for each pair it serves, its own symbol in `source_symbol`. Only matched minutes count, and
    returns only between neighbouring intervals. `hedge_ratio` and `spread_zscore` are of the five sessions before,
    whose prices count as what they are on the basis of the row's own session.
    """
    return derive_parts(bars, WHOLE_PARTS, has_basis=has_basis)


def expected_rows() -> Column:
    """Return the sessions of one symbol; a pair has the rows that both symbols have."""
    return F.collect_set(F.when(is_regular(), F.col("session")))
