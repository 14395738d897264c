"""The transform `pairs`, on both engines, against scipy, statsmodels and plain programs."""

import math
import statistics
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import scipy.stats
import statsmodels.api as sm
from pyspark.sql import SparkSession
from statsmodels.tsa.stattools import ccf, coint

from market.calendar import session_hours
from tests.builders import SESSION, make_bar, make_session_bars
from tests.spark.frames import Rows, derive
from tests.spark.test_indicators import random_bars

OPEN = session_hours(SESSION).session_open
NEXT = date(2026, 10, 2)
MINUTE = timedelta(minutes=1)
INTERVALS = (1, 5, 15, 30, 65)
Bars = list[dict[str, Any]]


def two_symbols(*sessions: date, minutes: int = 390) -> tuple[Bars, Bars]:
    """Return bars of AAPL, and of MSFT that follows it a little with moves of its own."""
    a = random_bars(*sessions, minutes=minutes, seed=1)
    own = random_bars(*sessions, minutes=minutes, seed=2)
    b = [
        mine | {"symbol": "MSFT", "close": round(300 + leads["close"] + 0.7 * mine["close"], 4), "open": 460.0}
        for leads, mine in zip(a, own, strict=True)
    ]
    return a, b


def closes(bars: Bars) -> Any:
    return np.array([bar["close"] for bar in bars])


def plain_returns(a: Bars, b: Bars, every: int) -> tuple[list[float], list[float]]:
    """Return log returns between neighbouring intervals since the open in which both have a matched minute."""
    of_b = {bar["bar_start"]: bar["close"] for bar in b}
    last: dict[int, tuple[float, float]] = {}
    for bar in a:
        if bar["bar_start"] in of_b:
            last[(bar["bar_start"] - OPEN) // (every * MINUTE)] = (bar["close"], of_b[bar["bar_start"]])
    moves = [(last[k], last[k + 1]) for k in last if k + 1 in last]
    return ([math.log(new[0] / old[0]) for old, new in moves], [math.log(new[1] / old[1]) for old, new in moves])


def pairs(session: SparkSession, *bars: Bars) -> Rows:
    return derive(session, "pairs", [bar for some in bars for bar in some])


def test_pairs_correlate_matched_minutes_by_interval(session: SparkSession) -> None:
    a, b = two_symbols(SESSION)
    a, b = a[:50] + a[52:], b[:200] + b[201:]

    (row,) = pairs(session, b, a)

    assert (row["symbol"], row["symbol_a"], row["symbol_b"], row["session"]) == ("AAPL_MSFT", "AAPL", "MSFT", SESSION)
    assert (row["matched_minutes"], row["unmatched_minutes_a"], row["unmatched_minutes_b"]) == (387, 1, 2)
    # Two gaps: a return over a missing minute is none of one minute.
    assert row["return_count_1min"] == 384
    for every in INTERVALS:
        ours, theirs = plain_returns(a, b, every)
        assert row[f"correlation_{every}min"] == pytest.approx(statistics.correlation(ours, theirs), rel=1e-9)
        beta = sm.OLS(ours, theirs).fit().params[0]
        assert row[f"beta_{every}min"] == pytest.approx(beta, rel=1e-9)
    ours, theirs = plain_returns(a, b, 1)
    assert row["rank_correlation_1min"] == pytest.approx(scipy.stats.spearmanr(ours, theirs).statistic, rel=1e-9)
    products = math.fsum(x * y for x, y in zip(ours, theirs, strict=True))
    assert row["covariance_1min"] == pytest.approx(products, rel=1e-9)


def test_pairs_compare_prices_and_the_way_from_open_to_close(session: SparkSession) -> None:
    a, b = two_symbols(SESSION, minutes=40)
    ours, theirs = plain_returns(a, b, 1)
    excess = [x - y for x, y in zip(ours, theirs, strict=True)]

    (row,) = pairs(session, a, b)

    assert row["ratio_mean"] == pytest.approx(statistics.fmean(closes(a) / closes(b)), rel=1e-12)
    assert row["ratio_last"] == pytest.approx(a[-1]["close"] / b[-1]["close"], rel=1e-15)
    assert row["price_correlation"] == pytest.approx(statistics.correlation(closes(a), closes(b)), rel=1e-9)
    assert row["return_a"] == pytest.approx(a[-1]["close"] / a[0]["open"] - 1, rel=1e-12)
    assert row["excess_return"] == pytest.approx(row["return_a"] - (b[-1]["close"] / 460 - 1), rel=1e-12)
    assert row["hit_rate"] == pytest.approx(sum(x > 0 for x in excess) / len(excess), rel=1e-12)
    assert row["tracking_error"] == pytest.approx(statistics.stdev(excess) * math.sqrt(252 * 390), rel=1e-9)


@pytest.mark.parametrize("lag", [-4, 0, 7])
def test_pairs_find_who_moves_first(session: SparkSession, lag: int) -> None:
    walk = random_bars(SESSION, minutes=330, seed=9)
    early, late = walk[20:320], walk[20 - lag : 320 - lag]
    b = [bar | {"symbol": "MSFT"} for bar in early]
    a = [bar | {"close": other["close"]} for bar, other in zip(early, late, strict=True)]

    (row,) = pairs(session, a, b)

    ours, theirs = (np.array(side) for side in plain_returns(a, b, 1))
    assert row["lead_lag_minutes"] == lag
    around = ccf(ours, theirs, adjusted=False) if lag >= 0 else ccf(theirs, ours, adjusted=False)
    assert row["lead_lag_correlation"] == pytest.approx(around[abs(lag)], rel=1e-9)
    assert row["lead_lag_band"] == pytest.approx(1.959963984540054 / math.sqrt(299), rel=1e-12)


def test_pairs_test_cointegration_as_statsmodels_does(session: SparkSession) -> None:
    a, b = two_symbols(SESSION)
    log_a, log_b = np.log(closes(a)), np.log(closes(b))
    statistic, probability, _ = coint(log_a, log_b, maxlag=1, autolag=None)
    residuals = sm.OLS(log_a, sm.add_constant(log_b)).fit().resid
    phi = sm.OLS(np.diff(residuals), sm.add_constant(residuals[:-1])).fit().params[1]

    (row,) = pairs(session, a, b)

    assert row["cointegration_statistic"] == pytest.approx(statistic, rel=1e-9)
    assert row["cointegration_pvalue"] == pytest.approx(probability, rel=1e-9)
    assert row["half_life_minutes"] == pytest.approx(-math.log(2) / phi, rel=1e-9)


def test_pairs_hedge_by_the_sessions_before_and_leave_the_current_one_out(session: SparkSession) -> None:
    days = [date(2026, 9, day) for day in (23, 24, 25, 28, 29, 30)] + [SESSION]
    a, b = two_symbols(*days, minutes=30)
    ours, theirs = ([bar | {"month": "2026-10"} for bar in bars] for bars in (a[30:], b[30:]))

    rows = pairs(session, ours, theirs)

    # Looked back on are five sessions, here of thirty minutes each; only the part's own month has a row.
    assert [row["session"] for row in rows] == [SESSION]
    five = slice(30, 180)
    fit = sm.OLS(np.log(closes(a[five])), sm.add_constant(np.log(closes(b[five])))).fit()
    assert rows[0]["hedge_intercept"] == pytest.approx(fit.params[0], rel=1e-9)
    assert rows[0]["hedge_ratio"] == pytest.approx(fit.params[1], rel=1e-9)
    last = math.log(a[-1]["close"]) - fit.params[0] - fit.params[1] * math.log(b[-1]["close"])
    assert rows[0]["spread_zscore"] == pytest.approx(last / np.std(fit.resid, ddof=1), rel=1e-7)


def undefined(row: dict[str, Any]) -> set[str]:
    return {name for name, value in row.items() if value is None}


def test_pairs_that_never_overlap_have_no_measure(session: SparkSession) -> None:
    (row,) = pairs(
        session,
        make_session_bars("AAPL", minutes=10),
        [bar for bar in make_session_bars("MSFT", minutes=20) if bar["bar_start"] >= OPEN + 10 * MINUTE],
    )

    assert (row["matched_minutes"], row["unmatched_minutes_a"], row["unmatched_minutes_b"]) == (0, 10, 10)
    assert {name for name, value in row.items() if isinstance(value, float)} == set()


def test_pairs_without_a_session_in_common_have_no_row(session: SparkSession) -> None:
    assert pairs(session, make_session_bars("AAPL"), make_session_bars("MSFT", NEXT)) == []


def test_pairs_of_one_bar_have_prices_only(session: SparkSession) -> None:
    (row,) = pairs(session, [make_bar()], [make_bar(symbol="MSFT")])

    measured = {name for name, value in row.items() if isinstance(value, float)}
    assert measured == {"ratio_mean", "ratio_last", "return_a", "return_b", "excess_return"}


def test_pairs_with_a_price_that_stands_still_have_no_correlation(session: SparkSession) -> None:
    still = make_session_bars("MSFT", open=50.1, high=50.1, low=50.1, close=50.1)
    a, _ = two_symbols(SESSION)

    (row,) = pairs(session, a, still)

    unknown = {f"{name}_{every}min" for name in ("correlation", "beta") for every in INTERVALS}
    unknown |= {"price_correlation", "rank_correlation_1min", "cointegration_statistic", "cointegration_pvalue"}
    unknown |= {"lead_lag_minutes", "lead_lag_correlation", "lead_lag_band", "half_life_minutes"}
    assert undefined(row) == unknown | {"hedge_ratio", "hedge_intercept", "spread_zscore"}


def test_pairs_of_a_series_with_itself_are_one(session: SparkSession) -> None:
    a, _ = two_symbols(SESSION)

    (row,) = pairs(session, a, [bar | {"symbol": "MSFT"} for bar in a])

    for every in INTERVALS:
        assert row[f"correlation_{every}min"] == pytest.approx(1, abs=1e-12)
        assert row[f"beta_{every}min"] == pytest.approx(1, abs=1e-12)
    assert (row["lead_lag_minutes"], row["hit_rate"], row["excess_return"]) == (0.0, 0.0, 0.0)
    assert (row["cointegration_pvalue"], row["half_life_minutes"]) == (None, None)


def test_pairs_count_sixty_five_minutes_from_the_open(session: SparkSession) -> None:
    winter = date(2026, 11, 3)
    a, b = two_symbols(winter)
    marks = [64, 129, 194, 259, 324, 389]
    moves = [[math.log(y / x) for x, y in pairwise(closes(side)[marks])] for side in (a, b)]

    (row,) = pairs(session, a, b)

    assert row["correlation_65min"] == pytest.approx(statistics.correlation(*moves), rel=1e-9)
