"""The table `returns`: how the price moved from bar to bar, within a session and over the night before it."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.schemas import RETURNS_SCHEMA
from analytics.transforms.bars import is_regular, regular_bars

# The longest closure in the calendar's reach was six days (September 2001); after more, bars are missing.
_LONGEST_NIGHT_DAYS = 7


def transform(bars: DataFrame, *, has_basis: bool = False) -> DataFrame:
    """Return one row per regular bar. Fractions; none but `overnight_return` crosses a session boundary.

    `simple_return` and `log_return` compare a close with the close of the session's previous bar (a missing minute
    is skipped); `cumulative_return` with the session's first open. `overnight_return` compares the session's first
    open with the last close of the previous session; it is null where that session is more than a week away,
    and a close before a split counts as what it is after it.
    """
    by_time = Window.partitionBy("symbol", "month").orderBy("bar_start")
    so_far = Window.partitionBy("symbol", "month", "session").orderBy("bar_start")
    so_far = so_far.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    previous_close = F.lag("close").over(by_time)
    if has_basis:
        previous_close = previous_close / (F.lag("basis").over(by_time) / F.col("basis"))
    with_previous = regular_bars(bars).select(
        "*",
        previous_close.alias("previous_close"),
        F.lag("session").over(by_time).alias("previous_session"),
        F.first("open").over(so_far).alias("session_open"),
    )
    return with_previous.select(*_columns())


def expected_rows() -> Column:
    return F.count(F.when(is_regular(), 1))


def _columns() -> list[Column]:
    same_session = F.col("session") == F.col("previous_session")
    one_night = F.datediff("session", "previous_session").between(1, _LONGEST_NIGHT_DAYS)
    growth = F.col("close") / F.col("previous_close")
    return [
        *map(F.col, RETURNS_SCHEMA.names[:4]),
        F.when(same_session, growth - 1).alias("simple_return"),
        F.when(same_session, F.ln(growth)).alias("log_return"),
        (F.col("close") / F.col("session_open") - 1).alias("cumulative_return"),
        F.when(one_night, F.col("open") / F.col("previous_close") - 1).alias("overnight_return"),
    ]
