"""Which bars analytics counts, and sums of prices that do not depend on the order of rows."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

# Exchange prices have at most four decimals, vendors give up to eight; as whole hundred-millionths they add up
# exactly, where sums of floats depend on how an engine splits the rows.
PRICE_UNITS = 10**8


def is_regular() -> Column:
    """Tell whether a bar is of the regular phase (the auction bar is not) and no flag keeps it out of analytics."""
    return (F.col("phase") == "regular") & ~F.col("quarantined")


def regular_bars(bars: DataFrame) -> DataFrame:
    """Return the bars that `is_regular` tells."""
    return bars.where(is_regular())


def minute_of_session() -> Column:
    """Return how many minutes after the open, which is 09:30 New York on every day of the calendar, a bar starts."""
    local = F.from_utc_timestamp("bar_start", "America/New_York")
    return (F.hour(local) * 60 + F.minute(local) - 570).cast("int")


def with_month(sessions: DataFrame) -> DataFrame:
    """Add `month`, that of `session`. Of a few sessions and not of each bar, where it would be most of the work."""
    return sessions.withColumn("month", F.date_format("session", "yyyy-MM"))


def price_units(price: str) -> Column:
    """Return a price as a whole number of hundred-millionths, rounded half away from zero."""
    return F.round(F.col(price) * PRICE_UNITS).cast("bigint")


def mean_price(price: str) -> Column:
    """Return the arithmetic mean of a group's prices."""
    return F.sum(price_units(price)).cast("double") / F.count(price) / PRICE_UNITS


def vwap(price: str) -> Column:
    """Return Σ price·volume / Σ volume of a group; null without volume."""
    turnover = F.sum(price_units(price).cast("decimal(16,0)") * F.col("volume").cast("decimal(12,0)"))
    volume = F.sum("volume")
    return F.when(volume > 0, turnover.cast("double") / volume / PRICE_UNITS)


def bar_aggregates() -> list[Column]:
    """Return what a longer interval says of its bars: count, open to volume, the means and the VWAP of the closes."""
    return [
        F.count("bar_start").alias("bar_count"),
        F.min_by("open", "bar_start").alias("open"),
        F.max("high").alias("high"),
        F.min("low").alias("low"),
        F.max_by("close", "bar_start").alias("close"),
        F.sum("volume").alias("volume"),
        *(mean_price(price).alias(f"mean_{price}") for price in ("open", "high", "low", "close")),
        vwap("close").alias("vwap_close"),
    ]
