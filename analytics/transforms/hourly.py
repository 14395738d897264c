"""The table `hourly`: what each New York clock hour did, over its regular bars."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.schemas import HOURLY_SCHEMA
from analytics.transforms.bars import bar_aggregates, is_regular, regular_bars, with_month


def transform(bars: DataFrame) -> DataFrame:
    """Return one row per (symbol, clock hour) with a regular bar; the 09:00 hour of New York holds 09:30 to 09:59."""
    hours = regular_bars(bars).withColumn("hour_start", _hour_start())
    totals = hours.groupBy("symbol", "session", "hour_start").agg(*bar_aggregates())
    return with_month(totals).select(HOURLY_SCHEMA.names)


def expected_rows() -> Column:
    return F.count_distinct(F.when(is_regular(), _hour_start()))


def _hour_start() -> Column:
    # New York is a whole number of hours behind UTC, so the hours of both begin together.
    return F.date_trunc("hour", "bar_start")
