"""What each measure is: name, unit, formula, convention, source, how much it needs, and a plain sentence.

One registry for the API, the pages and docs/metrics.md, so that they say the same. It imports nothing but itself.
"""

from analytics.measures.bars import BAR_MEASURES
from analytics.measures.model import Measure
from analytics.measures.pairs import PAIR_MEASURES
from analytics.measures.ranges import RANGE_MEASURES
from analytics.measures.series import SERIES_MEASURES
from analytics.measures.sessions import SESSION_MEASURES

MEASURES: tuple[Measure, ...] = (*BAR_MEASURES, *SESSION_MEASURES, *PAIR_MEASURES, *RANGE_MEASURES, *SERIES_MEASURES)
_BY_COLUMN = {(measure.table, column): measure for measure in MEASURES for column in measure.columns}


def find_measure(table: str, column: str) -> Measure | None:
    """Return the measure that a column of a derived table holds; None for keys and counts of rows.

    >>> find_measure("indicators", "rsi_14").name
    'Relative strength index'
    """
    return _BY_COLUMN.get((table, column))
