"""The transform `indicators`, on both engines, against TA-Lib and plain programs."""

import itertools
import math
import random
import statistics
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import talib
from pyspark.sql import SparkSession

from market.calendar import Phase, is_session, session_hours
from tests.builders import SESSION, make_bar, make_session_bars
from tests.spark.frames import Rows, derive

OPEN = session_hours(SESSION).session_open
NEXT = date(2026, 10, 2)
MINUTE = timedelta(minutes=1)


def random_bars(*sessions: date, minutes: int = 120, seed: int = 5) -> list[dict[str, Any]]:
    """Return bars of a walk whose highs, lows and volumes vary."""
    drawn = random.Random(seed)
    close, bars = 100.0, []
    for session in sessions:
        for bar in make_session_bars(session=session, minutes=minutes):
            opened, close = close, round(close + drawn.uniform(-0.5, 0.5), 4)
            high, low = max(opened, close) + drawn.uniform(0, 0.3), min(opened, close) - drawn.uniform(0, 0.3)
            prices = {"open": opened, "high": round(high, 4), "low": round(low, 4), "close": close}
            bars.append(bar | prices | {"volume": drawn.randrange(1, 5000)})
    return bars


def arrays(bars: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: np.array([bar[name] for bar in bars], float) for name in ("high", "low", "close", "volume")}


def talib_values(bars: list[dict[str, Any]]) -> dict[str, Any]:
    prices = arrays(bars)
    high, low, close, volume = prices.values()
    line, signal, histogram = talib.MACD(close)
    slow_k, slow_d = talib.STOCH(high, low, close, fastk_period=14, slowk_period=3, slowd_period=3)
    upper, _, lower = talib.BBANDS(close, 20)
    return {
        "rsi_14": talib.RSI(close),
        "macd": line,
        "macd_signal": signal,
        "macd_histogram": histogram,
        "atr_14": talib.ATR(high, low, close),
        "natr_14": talib.NATR(high, low, close),
        "adx_14": talib.ADX(high, low, close),
        "stochastic_k": slow_k,
        "stochastic_d": slow_d,
        "roc_10": talib.ROC(close),
        "mfi_14": talib.MFI(high, low, close, volume),
        "wma_20": talib.WMA(close, 20),
        "bollinger_upper": upper,
        "bollinger_lower": lower,
    }


def values(rows: Rows, name: str) -> list[float]:
    return [math.nan if row[name] is None else row[name] for row in rows]


def test_indicators_agree_with_talib_from_the_first_value_on_and_across_sessions(session: SparkSession) -> None:
    bars = random_bars(SESSION, NEXT)

    rows = derive(session, "indicators", random.Random(3).sample(bars, len(bars)))

    for name, expected in talib_values(bars).items():
        # A difference of means may be near zero, where only the size of the price can be relative.
        assert values(rows, name) == pytest.approx(expected, rel=1e-9, abs=1e-11, nan_ok=True), name


def plain_vwap(bars: list[dict[str, Any]]) -> tuple[float, float]:
    typical = [(bar["high"] + bar["low"] + bar["close"]) / 3 for bar in bars]
    traded = sum(bar["volume"] for bar in bars)
    mean = sum(price * bar["volume"] for price, bar in zip(typical, bars, strict=True)) / traded
    spread = sum((price - mean) ** 2 * bar["volume"] for price, bar in zip(typical, bars, strict=True)) / traded
    return mean, math.sqrt(spread)


def test_indicators_begin_what_counts_volume_anew_at_each_open(session: SparkSession) -> None:
    bars = random_bars(SESSION, NEXT, minutes=30)

    rows = derive(session, "indicators", bars)

    for number in (0, 1, 29, 30, 31, 59):
        of_session = bars[number // 30 * 30 : number + 1]
        vwap, around = plain_vwap(of_session)
        assert rows[number]["vwap_session"] == pytest.approx(vwap, rel=1e-12)
        assert rows[number]["vwap_deviation"] == pytest.approx(around, rel=1e-9, abs=1e-9)
        assert rows[number]["vwap_distance"] == pytest.approx(bars[number]["close"] / vwap - 1, abs=1e-12)
        signs = [
            (now["close"] > old["close"]) - (now["close"] < old["close"]) for old, now in itertools.pairwise(of_session)
        ]
        assert rows[number]["obv_session"] == sum(
            sign * bar["volume"] for sign, bar in zip(signs, of_session[1:], strict=True)
        )


def test_indicators_place_the_close_between_the_bands(session: SparkSession) -> None:
    bars = random_bars(SESSION, minutes=25)

    last = derive(session, "indicators", bars)[-1]

    width = last["bollinger_upper"] - last["bollinger_lower"]
    middle = sum(bar["close"] for bar in bars[-20:]) / 20
    assert last["bollinger_percent_b"] == pytest.approx(
        (bars[-1]["close"] - last["bollinger_lower"]) / width, rel=1e-12
    )
    assert last["bollinger_bandwidth"] == pytest.approx(width / middle, rel=1e-12)


def test_indicators_of_one_bar_are_null_but_for_the_vwap(session: SparkSession) -> None:
    (row,) = derive(session, "indicators", [make_bar(high=12.0, low=9.0, close=9.0, volume=5)])

    said = {name: value for name, value in row.items() if value is not None}
    assert said.keys() - {"symbol", "month", "session", "bar_start"} == {
        "vwap_session",
        "vwap_deviation",
        "vwap_distance",
        "obv_session",
        "running_mean_session",
    }
    assert (said["vwap_session"], said["vwap_deviation"], said["obv_session"]) == (10.0, 0.0, 0.0)


def test_indicators_of_a_price_that_stands_still_without_volume_are_null_where_undefined(session: SparkSession) -> None:
    bars = make_session_bars(minutes=60, step=0.0, open=50.1, high=50.1, low=50.1, close=50.1, volume=0)

    last = derive(session, "indicators", bars)[-1]

    undefined = {"rsi_14", "adx_14", "stochastic_k", "stochastic_d", "mfi_14", "bollinger_percent_b"}
    undefined |= {"vwap_session", "vwap_deviation", "vwap_distance", "relative_volume"}
    assert {name for name, value in last.items() if value is None} == undefined
    assert (last["macd"], last["wma_20"]) == pytest.approx((0.0, 50.1), abs=1e-12)
    assert (last["atr_14"], last["bollinger_bandwidth"]) == (0.0, 0.0)


def test_indicators_leave_out_other_phases_and_quarantined_bars(session: SparkSession) -> None:
    regular = random_bars(SESSION)
    around = make_session_bars(phases=[Phase.PRE, Phase.AUCTION, Phase.POST], first_close=900.0)
    bad = [bar | {"close": 9e6, "quarantined": True, "flags": ["bad_print"]} for bar in regular[50:60]]
    kept = regular[:50] + regular[60:]

    assert derive(session, "indicators", kept + bad + around) == derive(session, "indicators", kept)


def test_relative_volume_is_that_by_this_minute_over_the_mean_of_ten_sessions_before(session: SparkSession) -> None:
    sessions = [on for day in range(1, 31) if is_session(on := date(2026, 10, day))][:12]
    bars = random_bars(*sessions, minutes=20)
    short = [bar for bar in bars if not (bar["session"] == sessions[3] and bar["bar_start"].minute > 39)]

    rows = derive(session, "indicators", short)

    last = [row for row in rows if row["session"] == sessions[11]]
    for minute in (0, 5, 15, 19):
        until = [
            sum(bar["volume"] for bar in short if bar["session"] == on and since_open(bar) <= minute) for on in sessions
        ]
        # The fourth session ended after its tenth minute.
        before = [until[n] for n in range(1, 11) if n != 3 or minute < 10]
        assert last[minute]["relative_volume"] == pytest.approx(until[11] / statistics.mean(before), rel=1e-12)
    assert {row["relative_volume"] for row in rows if row["session"] in sessions[:10]} == {None}


def since_open(bar: dict[str, Any]) -> int:
    return int((bar["bar_start"] - session_hours(bar["session"]).session_open).total_seconds()) // 60


def test_running_mean_begins_anew_at_each_open(session: SparkSession) -> None:
    bars = random_bars(SESSION, date(2026, 10, 2), minutes=30)

    rows = derive(session, "indicators", bars)

    for number, row in enumerate(rows):
        so_far = [bar["close"] for bar in bars[number // 30 * 30 : number + 1]]
        assert row["running_mean_session"] == pytest.approx(statistics.mean(so_far), rel=1e-12)
