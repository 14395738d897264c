"""The table `daily`: what each session did, over its regular bars."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.schemas import DAILY_SCHEMA
from analytics.transforms.bars import bar_aggregates, is_regular, regular_bars, with_month

_KEY = ["symbol", "session"]


def transform(bars: DataFrame) -> DataFrame:
    """Return one row per (symbol, session) with a regular bar. Means are arithmetic, per bar, not per share.

    `volume` counts the regular bars; `volume_all_phases` adds pre-market, closing auction and after-hours, and the
    shares of quarantined bars: what is wrong with those is the price.
    """
    volumes = bars.groupBy(_KEY).agg(F.sum("volume").alias("volume_all_phases"))
    sessions = regular_bars(bars).groupBy(_KEY).agg(*bar_aggregates())
    return with_month(sessions.join(volumes, _KEY)).select(DAILY_SCHEMA.names)


def expected_rows() -> Column:
    return F.count_distinct(F.when(is_regular(), F.col("session")))
