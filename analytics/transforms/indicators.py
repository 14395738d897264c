"""The table `indicators`: what technical analysis says of each regular bar."""

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.formulas.arrays import Floats
from analytics.formulas.basis import basis_of
from analytics.formulas.momentum import (
    adx,
    atr,
    bollinger,
    linearly_weighted,
    macd,
    money_flow,
    rate_of_change,
    rsi,
    stochastic,
)
from analytics.formulas.session_volume import (
    relative_volume,
    session_mean,
    session_on_balance_volume,
    session_vwap,
)
from analytics.formulas.tables import ascending, floats, integers, make_table
from analytics.schemas import INDICATORS_SCHEMA
from analytics.transforms.bars import is_regular
from analytics.transforms.grouped import WholeParts, derive_parts


def transform(bars: DataFrame, *, has_basis: bool = False) -> DataFrame:
    """Return one row per regular bar. Windows count bars and run on across sessions, as TA-Lib sees one series.

    The true range of a session's first bar includes the night. `vwap_session` (of the typical price), its deviation
    and what ends in `_session` begin anew at each open. Null while warming up and where undefined (no volume, no
    movement). What lies before a split counts as what it is on the basis of the row's own session.
    """
    return derive_parts(bars, WHOLE_PARTS, has_basis=has_basis)


def expected_rows() -> Column:
    return F.count(F.when(is_regular(), 1))


def with_indicators(part: pa.Table) -> pa.Table:
    part = ascending(part, "bar_start")
    columns = {name: part[name] for name in INDICATORS_SCHEMA.names[:4]} | _running_on(part) | _of_sessions(part)
    return make_table(INDICATORS_SCHEMA, columns)


def _running_on(part: pa.Table) -> dict[str, Floats]:
    """Return what runs on from session to session: computed on the basis of the part's end, prices then as traded."""
    basis = basis_of(part)
    high, low, close = (floats(part, name) / basis for name in ("high", "low", "close"))
    line, signal, histogram = macd(close)
    range_14 = atr(high, low, close)
    k, d = stochastic(high, low, close)
    upper, lower, percent_b, bandwidth = bollinger(close)
    sessions, minutes, volume = (integers(part, name) for name in ("session", "minute", "volume"))
    return {
        "rsi_14": rsi(close),
        "macd": line * basis,
        "macd_signal": signal * basis,
        "macd_histogram": histogram * basis,
        "atr_14": range_14 * basis,
        "natr_14": 100 * range_14 / close,
        "adx_14": adx(high, low, close),
        "stochastic_k": k,
        "stochastic_d": d,
        "roc_10": rate_of_change(close),
        "mfi_14": money_flow(high, low, close, volume * basis),
        "wma_20": linearly_weighted(close) * basis,
        "bollinger_upper": upper * basis,
        "bollinger_lower": lower * basis,
        "bollinger_percent_b": percent_b,
        "bollinger_bandwidth": bandwidth,
        "relative_volume": relative_volume(sessions, minutes, volume, basis),
    }


def _of_sessions(part: pa.Table) -> dict[str, Floats]:
    """Return what begins anew at each open."""
    high, low, close, volume = (floats(part, name) for name in ("high", "low", "close", "volume"))
    sessions = integers(part, "session")
    vwap, around = session_vwap(sessions, (high + low + close) / 3, volume)
    return {
        "vwap_session": vwap,
        "vwap_deviation": around,
        "vwap_distance": close / vwap - 1,
        "obv_session": session_on_balance_volume(sessions, close, volume),
        "running_mean_session": session_mean(sessions, close),
    }


WHOLE_PARTS = WholeParts(with_indicators, INDICATORS_SCHEMA, ("high", "low", "close", "volume"), wants_minute=True)
