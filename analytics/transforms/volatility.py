"""The table `volatility`: how much each session moved, by realised and by range based measures."""

from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.formulas.basis import basis_of
from analytics.formulas.realised import (
    TRADING_DAYS,
    bipower_variation,
    excess_kurtosis,
    garman_klass,
    jump_share,
    parkinson,
    realised_variance,
    rogers_satchell,
    sampled_returns,
    semivariances,
    skewness,
)
from analytics.formulas.session_volume import session_slices
from analytics.formulas.tables import ascending, floats, integers, make_table
from analytics.schemas import VOLATILITY_SCHEMA
from analytics.transforms.bars import is_regular
from analytics.transforms.grouped import WholeParts, derive_parts

# The longest closure in the calendar's reach was six days (September 2001); after more, bars are missing.
LONGEST_NIGHT_DAYS = 7
SIGNATURE_MINUTES = (1, 5, 15, 30)
_PRICES = ("open", "high", "low", "close", "volume")


def transform(bars: DataFrame, *, has_basis: bool = False) -> DataFrame:
    """Return one row per (symbol, session) with a regular bar; measures without a subscript are of 5-minute returns.

    A price that stood still has a variance of zero and no jump share; a session of one bar has ranges only.
    The close before a split counts as what it is after it.
    """
    return derive_parts(bars, WHOLE_PARTS, has_basis=has_basis)


def expected_rows() -> Column:
    return F.count_distinct(F.when(is_regular(), F.col("session")))


def session_volatility(part: pa.Table) -> pa.Table:
    """Measure each session of a part; the one before it tells where the night began."""
    part = ascending(part, "bar_start")
    days = integers(part, "session")
    prices = {name: floats(part, name) for name in _PRICES}
    minutes, basis = integers(part, "minute"), basis_of(part)
    rows, before = [], None
    for where in session_slices(days):
        of_session = {name: values[where] for name, values in prices.items()}
        closed = np.nan
        if before and days[where.start] - before[0] <= LONGEST_NIGHT_DAYS:
            closed = float(before[1] / (before[2] / basis[where.start]))
        rows.append(_row(minutes[where], of_session, closed) | {"position": where.start})
        before = (days[where.start], of_session["close"][-1], basis[where.start])
    return _table(part, rows)


def _row(minutes: Any, prices: dict[str, Any], closed: float) -> dict[str, Any]:
    """Measure one session; `closed` is the last close of the session before, on this one's basis."""
    returns = {every: sampled_returns(minutes, prices["close"], every) for every in SIGNATURE_MINUTES}
    variances = {every: realised_variance(returns[every]) for every in SIGNATURE_MINUTES}
    bipower, (up, down) = bipower_variation(returns[5]), semivariances(returns[5])
    opened, high, low, close = prices["open"][0], prices["high"].max(), prices["low"].min(), prices["close"][-1]
    night = float(np.log(opened / closed))
    return {
        "bar_count": len(minutes),
        "return_count_5min": len(returns[5]),
        **{f"realised_variance_{every}min": variance for every, variance in variances.items()},
        "realised_volatility": np.sqrt(TRADING_DAYS * variances[5]),
        "overnight_return": night,
        "realised_variance_with_overnight": variances[5] + night**2,
        "bipower_variation": bipower,
        "jump_share": jump_share(variances[5], bipower),
        "up_semivariance": up,
        "down_semivariance": down,
        "parkinson": parkinson(high, low),
        "garman_klass": garman_klass(opened, high, low, close),
        "rogers_satchell": rogers_satchell(opened, high, low, close),
        "skewness": skewness(returns[1]),
        "excess_kurtosis": excess_kurtosis(returns[1]),
        "opening_gap": opened / closed - 1,
        "gap_filled": None if np.isnan(closed) else bool(low <= closed <= high),
        **_traded(float(np.sum(prices["close"] * prices["volume"])), abs(close / closed - 1)),
    }


def _traded(turnover: float, moved: float) -> dict[str, float]:
    return {"dollar_volume": turnover, "amihud_illiquidity": moved / turnover if turnover > 0 else np.nan}


def _table(part: pa.Table, rows: list[dict[str, Any]]) -> pa.Table:
    keys = part.select(VOLATILITY_SCHEMA.names[:3]).take([row["position"] for row in rows])
    measures = {name: [row[name] for row in rows] for name in VOLATILITY_SCHEMA.names[3:]}
    return make_table(VOLATILITY_SCHEMA, {name: keys[name] for name in keys.column_names} | measures)


WHOLE_PARTS = WholeParts(session_volatility, VOLATILITY_SCHEMA, _PRICES, wants_minute=True)
