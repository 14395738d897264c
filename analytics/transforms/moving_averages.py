"""The table `moving_averages`: simple and exponential means of the last closes, per regular bar."""

import sys

import pandas as pd
import pyarrow as pa
from pyspark import cloudpickle
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses
from pyspark.sql.types import DoubleType, StructField, StructType

from analytics.schemas import MOVING_AVERAGES_SCHEMA
from analytics.transforms.bars import PRICE_UNITS, is_regular, price_units, regular_bars

SPANS = (20, 50, 200)

# The workers of a cluster do not have this package, so what they run travels by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # type: ignore[no-untyped-call]  # vendored, untyped


def transform(bars: DataFrame) -> DataFrame:
    """Return one row per regular bar; each mean is null until `span` bars were seen.

    Windows count bars, not minutes, and run on from session to session. `sma_n` is the mean of the last n closes.
    `ema_n` weighs the newest close by 2/(n+1) and starts from the mean of the first n closes, as TA-Lib's EMA does.
    """
    averages = regular_bars(bars).select("symbol", "month", "session", "bar_start", "close", *map(_sma, SPANS))
    extended = StructType([*averages.schema.fields, *(StructField(f"ema_{span}", DoubleType()) for span in SPANS)])
    return averages.groupBy("symbol", "month").applyInArrow(with_emas, extended).select(MOVING_AVERAGES_SCHEMA.names)


def expected_rows() -> Column:
    return F.count(F.when(is_regular(), 1))


def _sma(span: int) -> Column:
    by_time = Window.partitionBy("symbol", "month").orderBy("bar_start")
    last = by_time.rowsBetween(1 - span, Window.currentRow)
    mean = F.sum(price_units("close")).over(last).cast("double") / span / PRICE_UNITS
    return F.when(F.row_number().over(by_time) >= span, mean).alias(f"sma_{span}")


def with_emas(part: pa.Table) -> pa.Table:
    """Add the exponential means to the bars of one part, in order of time."""
    part = part.sort_by("bar_start")
    closes = part["close"].to_pandas()
    for span in SPANS:
        part = part.append_column(f"ema_{span}", pa.array(ema(closes, span), pa.float64(), from_pandas=True))
    return part


def ema(closes: "pd.Series[float]", span: int) -> "pd.Series[float]":
    """Return the exponential mean of closes in order of time, NaN until `span` of them were seen."""
    if len(closes) < span:
        return closes * float("nan")
    seeded = closes.copy()
    seeded.iloc[: span - 1] = float("nan")
    seeded.iloc[span - 1] = closes.iloc[:span].mean()
    return seeded.ewm(span=span, adjust=False).mean()
