"""Compare measures with other libraries: `python tools/compare_measures.py` writes docs/agreement.md.

Exits with 1 if one differs by more than 1e-9.
"""

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import scipy.stats
import statsmodels.api as sm
import talib
from agreeing import Agreement, Values, largest_difference
from compare_served import served
from served_market import FIRST, LAST, WHOLE_SESSIONS
from statsmodels.tsa.stattools import ccf, coint

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs/agreement.md"
sys.path.insert(0, str(REPOSITORY))

import empyrical  # noqa: E402  # beside the libraries it is compared with

from analytics.formulas import rolling  # noqa: E402  # the path must be set first
from analytics.formulas.pair_sessions import compare_sessions  # noqa: E402  # the path must be set first
from analytics.transforms.indicators import with_indicators  # noqa: E402  # the path must be set first
from analytics.transforms.moving_averages import with_averages  # noqa: E402  # the path must be set first
from analytics.transforms.seasonality import minute_profile  # noqa: E402  # the path must be set first
from analytics.transforms.volatility import session_volatility  # noqa: E402  # the path must be set first

MOST = 1e-9
SESSIONS, MINUTES, SEED = 6, 390, 20261001
# Registered measures without a line, each with the reason.
NO_REFERENCE: dict[str, str] = {}


def walk(seed: int, start: float) -> pd.DataFrame:
    """Return bars of six sessions of October 2026, a random walk with rising and falling ranges and volumes."""
    drawn = np.random.default_rng(seed)
    count = SESSIONS * MINUTES
    close = np.round(start * np.exp(np.cumsum(drawn.normal(0, 0.0006, count))), 4)
    opened = np.concatenate([[start], close[:-1]])
    days = np.repeat(pd.bdate_range("2026-10-01", periods=SESSIONS).to_numpy(), MINUTES)
    minute = np.tile(np.arange(MINUTES), SESSIONS)
    return pd.DataFrame(
        {
            "session": days,
            "minute": minute,
            "bar_start": days + pd.to_timedelta(810 + minute, unit="min"),
            "open": opened,
            "high": np.round(np.maximum(opened, close) + drawn.uniform(0, 0.05, count), 4),
            "low": np.round(np.minimum(opened, close) - drawn.uniform(0, 0.05, count), 4),
            "close": close,
            "volume": drawn.integers(1, 50_000, count),
        }
    )


def part(bars: pd.DataFrame, symbol: str) -> pa.Table:
    """Return bars as a transform gets them."""
    columns = {name: pa.array(bars[name].to_numpy()) for name in ("open", "high", "low", "close", "volume")}
    texts = {"symbol": symbol, "month": "2026-10"}
    return pa.table(
        {name: pa.array([text] * len(bars)) for name, text in texts.items()}
        | {
            "session": pa.array(bars["session"].dt.date, pa.date32()),
            "minute": pa.array(bars["minute"].to_numpy(), pa.int32()),
            "bar_start": pa.array(bars["bar_start"].to_numpy()).cast(pa.timestamp("us", tz="UTC")),
        }
        | columns
    )


def indicators(bars: pd.DataFrame) -> Iterator[Agreement]:
    """Compare with TA-Lib, whole series, warm-up included."""
    ours = with_indicators(part(bars, "AAPL"))
    high, low, close, volume = (bars[name].to_numpy(float) for name in ("high", "low", "close", "volume"))
    macd, signal, histogram = talib.MACD(close)
    slow_k, slow_d = talib.STOCH(high, low, close, fastk_period=14, slowk_period=3, slowd_period=3)
    upper, middle, lower = talib.BBANDS(close, 20)
    theirs: dict[str, tuple[str, Values]] = {
        "wma_20": ("WMA", talib.WMA(close, 20)),
        "rsi_14": ("RSI", talib.RSI(close)),
        "macd": ("MACD", macd),
        "macd_signal": ("MACD", signal),
        "macd_histogram": ("MACD", histogram),
        "atr_14": ("ATR", talib.ATR(high, low, close)),
        "natr_14": ("NATR", talib.NATR(high, low, close)),
        "adx_14": ("ADX", talib.ADX(high, low, close)),
        "stochastic_k": ("STOCH(14, 3, 3)", slow_k),
        "stochastic_d": ("STOCH(14, 3, 3)", slow_d),
        "roc_10": ("ROC", talib.ROC(close)),
        "mfi_14": ("MFI", talib.MFI(high, low, close, volume)),
        "bollinger_upper": ("BBANDS", upper),
        "bollinger_lower": ("BBANDS", lower),
        "bollinger_percent_b": ("BBANDS", (close - lower) / (upper - lower)),
        "bollinger_bandwidth": ("BBANDS", (upper - lower) / middle),
    }
    for column, (name, values) in theirs.items():
        yield Agreement(f"indicators.{column}", f"TA-Lib {name}", largest_difference(ours[column].to_pylist(), values))
    averages = with_averages(part(bars, "AAPL"))
    for span in (20, 50, 200):
        for name, theirs_of in (("sma", talib.SMA), ("ema", talib.EMA)):
            column = f"{name}_{span}"
            difference = largest_difference(averages[column].to_pylist(), theirs_of(close, span))
            yield Agreement(f"moving_averages.{column}", f"TA-Lib {name.upper()}", difference)
    yield Agreement(
        "indicators.vwap_session", "pandas", largest_difference(ours["vwap_session"].to_pylist(), _vwap(bars))
    )


def _vwap(bars: pd.DataFrame) -> Values:
    typical = (bars["high"] + bars["low"] + bars["close"]) / 3
    by_session = bars["session"]
    traded: Values = bars["volume"].groupby(by_session).cumsum()
    return (typical * bars["volume"]).groupby(by_session).cumsum() / traded


def _sampled(bars: pd.DataFrame, every: int) -> "pd.Series[float]":
    last = bars.groupby(["session", bars["minute"] // every])["close"].last()
    returns: pd.Series[float] = np.log(last).groupby("session").diff().dropna()
    return returns


def volatility(bars: pd.DataFrame) -> Iterator[Agreement]:
    """Compare with pandas and scipy, all sessions."""
    ours = session_volatility(part(bars, "AAPL"))

    def agree(column: str, reference: str, values: Values) -> Agreement:
        return Agreement(f"volatility.{column}", reference, largest_difference(ours[column].to_pylist(), values))

    for every in (1, 5, 15, 30):
        squares = (_sampled(bars, every) ** 2).groupby("session").sum()
        yield agree(f"realised_variance_{every}min", "pandas", squares)
    five, one = _sampled(bars, 5).groupby("session"), _sampled(bars, 1).groupby("session")
    yield agree("realised_volatility", "empyrical", five.apply(_annualised))
    pairs = five.apply(lambda r: (r.abs() * r.abs().shift()).sum() * np.pi / 2 * len(r) / (len(r) - 1))
    yield agree("bipower_variation", "pandas", pairs)
    yield agree("up_semivariance", "pandas", five.apply(lambda r: (r.clip(lower=0) ** 2).sum()))
    yield agree("down_semivariance", "pandas", five.apply(lambda r: (r.clip(upper=0) ** 2).sum()))
    yield agree("skewness", "scipy.stats skew", one.apply(scipy.stats.skew))
    yield agree("excess_kurtosis", "scipy.stats kurtosis", one.apply(scipy.stats.kurtosis))


def _annualised(returns: "pd.Series[float]") -> float:
    """Return empyrical's volatility with its convention switched: around zero instead of the mean, ddof 0."""
    both = np.concatenate([returns, -returns])
    scale = math.sqrt((len(both) - 1) / len(both))
    return float(empyrical.annual_volatility(both, annualization=252 * len(returns)) * scale)


def seasonality(bars: pd.DataFrame) -> Iterator[Agreement]:
    ours = minute_profile(part(bars, "AAPL"))
    moved = np.log(bars["close"]).groupby(bars["session"]).diff().abs().groupby(bars["minute"]).mean()
    usual = bars.groupby("minute")["volume"].mean()
    for column, values in (("mean_volume", usual), ("mean_absolute_return", moved)):
        yield Agreement(f"seasonality.{column}", "pandas", largest_difference(ours[column].to_pylist(), values))


def pairs(bars: pd.DataFrame, others: pd.DataFrame) -> Iterator[Agreement]:
    """Compare the last session with scipy and statsmodels, its hedge with the five sessions before it."""
    sides = [
        part(frame, "AAPL_MSFT").append_column("source_symbol", pa.array([symbol] * len(frame)))
        for frame, symbol in ((bars, "AAPL"), (others, "MSFT"))
    ]
    ours = compare_sessions(pa.concat_tables(sides)).to_pylist()[-1]
    day = bars["session"].max()
    today = [frame[frame["session"] == day] for frame in (bars, others)]
    before = [np.log(frame[frame["session"] < day]["close"].to_numpy()) for frame in (bars, others)]
    for column, (reference, value) in {**_movement(today), **_spread(today, before)}.items():
        yield Agreement(f"pairs.{column}", reference, largest_difference(ours[column], value))


def _movement(today: list[pd.DataFrame]) -> dict[str, tuple[str, Values]]:
    found: dict[str, tuple[str, Values]] = {}
    for every in (1, 5, 15, 30, 65):
        a, b = (_sampled(frame, every).to_numpy() for frame in today)
        found[f"correlation_{every}min"] = ("scipy.stats pearsonr", scipy.stats.pearsonr(a, b).statistic)
        found[f"beta_{every}min"] = ("statsmodels OLS", sm.OLS(a, b).fit().params[0])
    a, b = (_sampled(frame, 1).to_numpy() for frame in today)
    found["rank_correlation_1min"] = ("scipy.stats spearmanr", scipy.stats.spearmanr(a, b).statistic)
    around = {lag: ccf(a, b, adjusted=False)[lag] for lag in range(11)}
    around |= {-lag: ccf(b, a, adjusted=False)[lag] for lag in range(1, 11)}
    peak = max(around, key=lambda lag: abs(around[lag]))
    found["lead_lag_minutes"] = ("statsmodels ccf", peak)
    found["lead_lag_correlation"] = ("statsmodels ccf", around[peak])
    found["tracking_error"] = ("empyrical", empyrical.annual_volatility(a - b, annualization=252 * 390))
    return found


def _spread(today: list[pd.DataFrame], before: list[Values]) -> dict[str, tuple[str, Values]]:
    a, b = (np.log(frame["close"].to_numpy()) for frame in today)
    statistic, probability, _ = coint(a, b, maxlag=1, autolag=None)
    residuals = sm.OLS(a, sm.add_constant(b)).fit().resid
    phi = sm.OLS(np.diff(residuals), sm.add_constant(residuals[:-1])).fit().params[1]
    fit = sm.OLS(before[0], sm.add_constant(before[1])).fit()
    now = a[-1] - fit.params[0] - fit.params[1] * b[-1]
    return {
        "cointegration_statistic": ("statsmodels coint", statistic),
        "cointegration_pvalue": ("statsmodels coint", probability),
        "half_life_minutes": ("statsmodels OLS", -math.log(2) / phi),
        "hedge_ratio": ("statsmodels OLS", fit.params[1]),
        "hedge_intercept": ("statsmodels OLS", fit.params[0]),
        "spread_zscore": ("statsmodels OLS", now / fit.resid.std(ddof=1)),
    }


def series(bars: pd.DataFrame, others: pd.DataFrame) -> Iterator[Agreement]:
    """Compare windows that travel along with TA-Lib and statsmodels."""
    a, b = bars["close"].to_numpy(), others["close"].to_numpy()
    r_a, r_b = np.diff(np.log(a)), np.diff(np.log(b))
    ours = rolling.rolling_correlation(r_a, r_b, 60)
    pandas = pd.Series(r_a).rolling(60).corr(pd.Series(r_b))
    yield Agreement(
        "pair_series.rolling_correlation", "TA-Lib CORREL", largest_difference(ours, talib.CORREL(r_a, r_b, 60))
    )
    yield Agreement("pair_series.rolling_correlation", "pandas", largest_difference(ours, pandas))
    log_a, log_b = np.log(a), np.log(b)
    zscore = rolling.rolling_spread_zscore(a, b, 60)
    # RollingOLS carries sums along and is off by 1e-5 itself, so every tenth window is fitted on its own.
    at = np.arange(60, len(a), 10)
    theirs = [_zscore(log_a[now - 60 : now + 1], log_b[now - 60 : now + 1]) for now in at]
    yield Agreement("pair_series.spread_zscore", "statsmodels OLS", largest_difference(zscore[at], theirs))


def _zscore(log_a: Values, log_b: Values) -> float:
    fit = sm.OLS(log_a[:-1], sm.add_constant(log_b[:-1])).fit()
    now = log_a[-1] - fit.params[0] - fit.params[1] * log_b[-1]
    return float(now / fit.resid.std(ddof=1))


def agreements() -> list[Agreement]:
    """Compare all; a measure may come twice, with a library on a walk and with another reference as it is served."""
    bars, own = walk(SEED, 100.0), walk(SEED + 1, 300.0)
    # The second follows the first for the most part, so that there is something to find.
    others = own.assign(close=np.round(own["close"] * (bars["close"] / 100) ** 0.8, 4))
    groups: list[Callable[[], Iterable[Agreement]]] = [
        lambda: indicators(bars),
        lambda: volatility(bars),
        lambda: seasonality(bars),
        lambda: pairs(bars, others),
        lambda: series(bars, others),
        served,
    ]
    return [agreement for group in groups for agreement in group()]


def page(found: list[Agreement]) -> str:
    """Return the text of docs/agreement.md; differences as the power of ten that they stay below."""
    libraries = ("TA-Lib", "scipy", "statsmodels", "empyrical-reloaded", "arch", "pandas", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    lines = [f"| `{one.measure}` | {one.reference} | {_bound(one.difference)} |" for one in found]
    head = _HEAD.format(
        versions=versions, sessions=SESSIONS, bars=SESSIONS * MINUTES, first=FIRST, last=LAST, whole=WHOLE_SESSIONS
    )
    reasons = [f"- `{measure}`: {reason}" for measure, reason in NO_REFERENCE.items()]
    without = ["## Without a reference", "", *reasons, ""] if reasons else []
    return "\n".join([head, *lines, "", *without, _TAIL])


def _bound(difference: float) -> str:
    return "equal" if difference == 0 else f"< 1e{max(math.floor(math.log10(difference)) + 1, -12)}"


_HEAD = """# Agreement with other libraries

Made by `python tools/compare_measures.py`, which a test runs; it fails where a difference is above 1e-9, and where a
measure of [the registry](metrics.md) has no line. A difference is the largest one of a series over its largest value.

Data, with fixed seeds:

- against TA-Lib, and where a library is given for a session: {sessions} sessions of two random walks, {bars} bars each,
  whole series, the warm-up included, across sessions for the indicators;
- all else: two symbols from {first} to {last} in a lake, processed by `process_prices` on the embedded engine and
  asked for as the API does. Most sessions have a few bars, the last {whole} are whole but for minutes that are
  missing, quarantined or without volume, with extended hours around them; one is a half day.

Compared with {versions}. "Plain program" is `tools/plain_measures.py` and its neighbour: Python's own numbers, written
from the formulas and importing nothing of StockCompare; sums are rounded once there, or exact.

- `realised_volatility`: empyrical takes deviations from the mean with ddof 1; it is compared on returns and their
  negatives together, whose mean is zero, with ddof 0.
- `information_ratio`: empyrical's `excess_sharpe` is of one session; it is compared times √252.
- `lead_lag_*` of a range: statsmodels' ccf knows no gaps, so the plain program stands in for it.

| measure | reference | largest difference |
|---|---|---|"""


_TAIL = """## The same tables however they came about

Random histories end to the bit in the tables of a full rebuild: months of bars arrive, late, again and corrected;
months go on session by session, with corrections of earlier ones; months and symbols are withdrawn; splits are learnt,
corrected and taken back; runs are killed at any step (`tests/spark/test_histories.py`). CI runs four on the embedded
engine and one on Apache Spark, with new seeds each time. More, many in each lake, which costs little more than one:

```
HISTORIES=200 AT_ONCE=20 python -m pytest -m "not spark" tests/spark/test_histories.py
HISTORIES=200 AT_ONCE=50 python -m pytest -m spark tests/spark/test_histories.py
```

Run so far, without a difference: 200 on Apache Spark (fifty in a lake, 15 min 15 s) and 200 on the embedded engine
(4 min 4 s), months that go on among them; before they went on, 300 on the embedded engine and 16 on Apache Spark.
"""


def main() -> int:
    found = agreements()
    PAGE.write_text(page(found))
    wrong = [one for one in found if not one.difference <= MOST]
    for one in wrong:
        sys.stderr.write(f"{one.measure} differs from {one.reference} by {one.difference:.1e}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
