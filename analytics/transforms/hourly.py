"""The table `hourly`: what each New York clock hour did, over its regular bars."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.schemas import HOURLY_SCHEMA
from analytics.transforms.bars import bar_aggregates, is_regular, regular_bars, with_month

_SECONDS = 3600


def transform(bars: DataFrame) -> DataFrame:
    """Return one row per (symbol, clock hour) with a regular bar; the 09:00 hour of New York holds 09:30 to 09:59."""
    hours = regular_bars(bars).groupBy("symbol", "session", _hour().alias("hour")).agg(*bar_aggregates())
    totals = hours.withColumn("hour_start", F.timestamp_seconds(F.col("hour") * _SECONDS))
    return with_month(totals).select(HOURLY_SCHEMA.names)


def expected_rows() -> Column:
    return F.count_distinct(F.when(is_regular(), _hour()))


def _hour() -> Column:
    """Return the number of the hour since 1970; to truncate each bar's instant would be half of the work.

    New York is a whole number of hours behind UTC, so the hours of both begin together.
    """
    return F.floor(F.unix_seconds("bar_start") / _SECONDS)
