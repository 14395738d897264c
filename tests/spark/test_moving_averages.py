"""The transform `moving_averages`, on both engines, against plain programs that know nothing of Spark."""

import random
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from pyspark.sql import SparkSession

from market.calendar import Phase
from tests.builders import SESSION, make_session_bars
from tests.spark.frames import derive

SPANS = (20, 50, 200)


def with_random_closes(bars: list[dict[str, Any]]) -> list[dict[str, Any]]:
    prices = random.Random(len(bars))
    return [bar | {"close": round(prices.uniform(90, 110), 4)} for bar in bars]


def plain_sma(closes: Sequence[float], span: int) -> list[float]:
    """Return the means from the first full window on."""
    return [sum(closes[end - span : end]) / span for end in range(span, len(closes) + 1)]


def plain_ema(closes: Sequence[float], span: int) -> list[float]:
    """Return the means from the first full window on, whose plain mean is the seed."""
    weight = 2 / (span + 1)
    means = [sum(closes[:span]) / span]
    for close in closes[span:]:
        means.append(weight * close + (1 - weight) * means[-1])
    return means


@pytest.mark.parametrize("span", SPANS)
def test_moving_averages_agree_with_plain_programs_across_sessions(session: SparkSession, span: int) -> None:
    bars = with_random_closes(make_session_bars(session=SESSION) + make_session_bars(session=date(2026, 10, 2)))
    closes = [bar["close"] for bar in bars]

    rows = derive(session, "moving_averages", random.Random(3).sample(bars, len(bars)))

    assert [row["close"] for row in rows] == closes
    assert [row[f"sma_{span}"] for row in rows[span - 1 :]] == pytest.approx(plain_sma(closes, span), rel=1e-13)
    assert [row[f"ema_{span}"] for row in rows[span - 1 :]] == pytest.approx(plain_ema(closes, span), rel=1e-12)


def test_moving_averages_are_null_until_a_window_is_full(session: SparkSession) -> None:
    rows = derive(session, "moving_averages", make_session_bars(minutes=20))

    assert [row["sma_20"] is None for row in rows] == [True] * 19 + [False]
    assert [row["ema_20"] is None for row in rows] == [True] * 19 + [False]
    assert {row["sma_50"] for row in rows} | {row["ema_200"] for row in rows} == {None}


def test_moving_averages_count_bars_not_minutes(session: SparkSession) -> None:
    every_second = make_session_bars()[::2]

    rows = derive(session, "moving_averages", every_second)

    assert [row["sma_20"] is None for row in rows[:21]] == [True] * 19 + [False] * 2


def test_moving_averages_leave_out_other_phases_and_quarantined_bars(session: SparkSession) -> None:
    regular = with_random_closes(make_session_bars())
    around = make_session_bars(phases=[Phase.PRE, Phase.AUCTION, Phase.POST], first_close=900.0)
    bad = [bar | {"close": 9e6, "quarantined": True, "flags": ["bad_print"]} for bar in regular[100:110]]
    kept = regular[:100] + regular[110:]

    rows = derive(session, "moving_averages", kept + bad + around)

    assert rows == derive(session, "moving_averages", kept)
    assert len(rows) == 380


def test_moving_averages_keep_symbols_apart(session: SparkSession) -> None:
    apple = with_random_closes(make_session_bars("AAPL", minutes=60))
    other = make_session_bars("0700", minutes=60, first_close=7.0)

    rows = derive(session, "moving_averages", apple + other)

    assert [row for row in rows if row["symbol"] == "AAPL"] == derive(session, "moving_averages", apple)
    assert {row["symbol"] for row in rows} == {"AAPL", "0700"}
