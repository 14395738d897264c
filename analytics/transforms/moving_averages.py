"""The table `moving_averages`: simple and exponential means of the last closes, per regular bar."""

from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.formulas.arrays import Floats
from analytics.formulas.averaging import exponential, nothing
from analytics.formulas.tables import floats, make_table
from analytics.schemas import MOVING_AVERAGES_SCHEMA
from analytics.transforms.bars import PRICE_UNITS, is_regular, regular_bars
from analytics.transforms.grouped import derive_parts

SPANS = (20, 50, 200)
_INPUT = MOVING_AVERAGES_SCHEMA.names[:5]


def transform(bars: DataFrame) -> DataFrame:
    """Return one row per regular bar; each mean is null until `span` bars were seen.

    Windows count bars, not minutes, and run on from session to session. `sma_n` is the mean of the last n closes.
    `ema_n` weighs the newest close by 2/(n+1) and starts from the mean of the first n closes, as TA-Lib's EMA does.
    """
    return derive_parts(regular_bars(bars).select(_INPUT), with_averages, MOVING_AVERAGES_SCHEMA)


def expected_rows() -> Column:
    return F.count(F.when(is_regular(), 1))


def with_averages(part: pa.Table) -> pa.Table:
    part = part.sort_by("bar_start")
    close = floats(part, "close")
    columns: dict[str, Any] = {name: part[name] for name in _INPUT}
    columns |= {f"sma_{span}": exact_mean(close, span) for span in SPANS}
    columns |= {f"ema_{span}": exponential(close, span) for span in SPANS}
    return make_table(MOVING_AVERAGES_SCHEMA, columns)


def exact_mean(prices: Floats, span: int) -> Floats:
    """Return the mean of the last `span` prices, added up in whole hundred-millionths.

    So a mean does not depend on how far back the sum began, which a part's lookback decides.
    """
    result = nothing(len(prices))
    if len(prices) >= span:
        total = np.concatenate([[0], np.cumsum(np.rint(prices * PRICE_UNITS).astype(np.int64))])
        # Overflow would wrap around, and the difference of two wrapped sums is right all the same.
        result[span - 1 :] = (total[span:] - total[:-span]) / span / PRICE_UNITS
    return result
