"""The table `quality`: which minutes of each session are there, and what was wrong with them."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.schemas import QUALITY_SCHEMA
from analytics.transforms.bars import minute_of_session, with_month

_KEY = ["symbol", "session"]


def transform(bars: DataFrame) -> DataFrame:
    """Return one row per (symbol, session) with a bar of any phase; bars carry `session_minutes`, 390 or 210.

    Expected are the minutes of the regular session that were over when the bars were fetched. Present bars include
    the quarantined ones. A session without any bar has no row, and whoever reads knows the calendar.
    """
    counted = bars.groupBy(_KEY).agg(*_counts())
    return with_month(counted.withColumn("missing_minutes", _missing())).select(QUALITY_SCHEMA.names)


def expected_rows() -> Column:
    return F.count_distinct("session")


def _counts() -> list[Column]:
    regular = F.col("phase") == "regular"
    repaired = F.array_contains("flags", "ohlc_repaired")
    return [
        _expected().alias("expected_minutes"),
        _count(regular).alias("present_minutes"),
        _count(regular & F.col("quarantined")).alias("quarantined_minutes"),
        _count(regular & repaired).alias("repaired_minutes"),
        F.count("bar_start").alias("bar_count"),
        _count(F.col("quarantined")).alias("quarantined_bars"),
        F.max("bar_start").alias("last_bar_start"),
        F.max("provider").alias("provider"),
        F.max("fetched_at").alias("fetched_at"),
    ]


def _count(condition: Column) -> Column:
    return F.count(F.when(condition, 1))


def _expected() -> Column:
    """Return the minutes that were over; a bar that is there was over, whatever the clock of the fetch says."""
    minute = minute_of_session()
    opened = F.unix_timestamp("bar_start") - minute * 60
    elapsed = F.max(F.floor((F.unix_timestamp("fetched_at") - opened) / 60))
    seen = F.coalesce(F.max(F.when(F.col("phase") == "regular", minute + 1)), F.lit(0))
    return F.least(F.max("session_minutes"), F.greatest(elapsed, seen)).cast("bigint")


def _missing() -> Column:
    return F.col("expected_minutes") - F.col("present_minutes")
