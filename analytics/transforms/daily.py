"""The table `daily`: what each session did, over its regular bars."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.schemas import DAILY_SCHEMA
from analytics.transforms.bars import bar_aggregates, is_regular, with_month

_KEY = ["symbol", "session"]
_AGGREGATES = DAILY_SCHEMA.names[3:-1]


def transform(bars: DataFrame) -> DataFrame:
    """Return one row per (symbol, session) with a regular bar. Means are arithmetic, per bar, not per share.

    `volume` counts the regular bars; `volume_all_phases` adds pre-market, closing auction and after-hours, and the
    shares of quarantined bars: what is wrong with those is the price.
    """
    # The regular bars of a session and its others, aggregated alike in one pass; then one row is made of the two.
    halves = bars.groupBy(*_KEY, is_regular().alias("regular")).agg(*bar_aggregates())
    regular = [F.max(F.when(F.col("regular"), F.col(name))).alias(name) for name in _AGGREGATES]
    sessions = halves.groupBy(_KEY).agg(*regular, F.sum("volume").alias("volume_all_phases"))
    return with_month(sessions.where(F.col("bar_count").isNotNull())).select(DAILY_SCHEMA.names)


def expected_rows() -> Column:
    return F.count_distinct(F.when(is_regular(), F.col("session")))
