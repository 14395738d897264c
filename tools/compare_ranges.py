"""Measures of a range as they are served, against libraries and plain programs."""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import empyrical
import numpy as np
import pandas as pd
import plain_measures as plain
import scipy.stats
import statsmodels.api as sm
from agreeing import Agreement, Values, largest_difference
from arch.bootstrap import StationaryBootstrap
from plain_pairs import Pairs, matched, neighbours
from served_market import FIRST, LAST, NOW, SYMBOLS, Bars, Market
from statsmodels.tsa.stattools import coint

from analytics.queries.adjustment import AS_TRADED
from analytics.queries.comparison import compare
from analytics.queries.pair_range import pair_range
from analytics.queries.pair_series import pair_series
from analytics.queries.paths import Span
from analytics.queries.relative import BLOCK_SESSIONS, REPETITIONS, SEED
from analytics.queries.statistics import Statistics, range_statistics
from analytics.queries.timeframes import Timeframe
from analytics.queries.volume_profiles import symbol_profile

BINS, WINDOW = 24, 60
INTERVALS = (1, 5, 15, 30, 65)
RISK_FREE = 0.02
PLAIN = "plain program"
# The name of a measure: its reference, our value, theirs.
Found = dict[str, tuple[str, Values, Values]]


def over_range(market: Market) -> Iterator[Agreement]:
    """Compare what is served of the whole market, and of its last sessions where minutes count."""
    both = matched(*(market.bars[symbol] for symbol in SYMBOLS))
    whole = range_statistics(market.reader, SYMBOLS, Span(FIRST, LAST), AS_TRADED, SYMBOLS[1], RISK_FREE)
    found = {
        "statistics": _statistics(whole, market, both),
        "periods": _periods(whole, both),
        "relative": _relative(whole, both),
        "difference": _difference(whole, both),
        "pair": _pair(market, both),
        "pair_series": _series(market, both),
        "volume_profile": _profile(market),
        "compare": _compared(market, both),
    }
    for table, measures in found.items():
        for name, (reference, ours, theirs) in measures.items():
            yield Agreement(f"{table}.{name}", reference, largest_difference(ours, theirs))


def _session_returns(both: Pairs) -> "list[pd.Series[float]]":
    """Return simple returns between the last matched closes of neighbouring sessions, of each symbol."""
    ends = {a["session"]: (a["close"], b["close"]) for a, b in both}
    closes = pd.DataFrame(ends.values(), index=pd.DatetimeIndex(list(ends)))
    moved = closes.pct_change().dropna()
    return [moved[0], moved[1]]


def _side_by_side(figures: Mapping[str, Any], theirs: Mapping[str, tuple[str, Values]]) -> Found:
    return {name: (reference, figures[name].value, value) for name, (reference, value) in theirs.items()}


def _statistics(whole: Statistics, market: Market, both: Pairs) -> Found:
    r, _ = _session_returns(both)
    minutes = pd.Series([a["close"] for a, _ in both]).pct_change().dropna()
    free = RISK_FREE / 252
    theirs: dict[str, tuple[str, Values]] = {
        "cumulative_return": ("empyrical", empyrical.cum_returns_final(minutes)),
        "maximum_drawdown": ("empyrical", empyrical.max_drawdown(minutes)),
        "volatility": ("empyrical", empyrical.annual_volatility(np.log1p(r))),
        "sharpe_ratio": ("empyrical", empyrical.sharpe_ratio(r, free)),
        "sortino_ratio": ("empyrical", empyrical.sortino_ratio(r, free)),
        "value_at_risk_95": ("empyrical", empyrical.value_at_risk(r)),
        "conditional_value_at_risk_95": ("empyrical", empyrical.conditional_value_at_risk(r)),
        "skewness": ("scipy.stats skew", scipy.stats.skew(r)),
        "excess_kurtosis": ("scipy.stats kurtosis", scipy.stats.kurtosis(r)),
        "annual_return": ("empyrical", empyrical.annual_return(r)),
        "calmar_ratio": ("empyrical", empyrical.calmar_ratio(r)),
        "omega_ratio": ("empyrical", empyrical.omega_ratio(r)),
        "realised_volatility": (PLAIN, _realised(both)),
        **{name: (PLAIN, value) for name, value in _of_days(market.bars[SYMBOLS[0]]).items()},
    }
    return _side_by_side(whole.symbols[0].figures, theirs)


def _realised(both: Pairs) -> float:
    sessions: dict[Any, list[tuple[int, float]]] = {}
    for bar, _ in both:
        sessions.setdefault(bar["session"], []).append((bar["minute"], bar["close"]))
    variances = [plain.squares(plain.log_returns(plain.sampled(closes, 5))) for closes in sessions.values()]
    return math.sqrt(252 * math.fsum(variances) / len(variances))


def _of_days(bars: Bars) -> dict[str, float]:
    """Return what is measured on whole sessions, of which the range misses none."""
    sessions = plain.by(plain.regular(bars), "session").values()
    days = [plain.day_bar(some) for some in sessions]
    turnover = [plain.turnover(some) for some in sessions]
    moves = list(zip(pairwise(days), turnover[1:], strict=True))
    ranges = {name: math.fsum(formula(*day) for day in days) / len(days) for name, formula in plain.RANGES.items()}
    ranges["yang_zhang"] = plain.yang_zhang(days)
    return {
        "overnight_return": math.prod(new[0] / old[3] for old, new in pairwise(days)) - 1,
        "intraday_return": math.prod(day[3] / day[0] for day in days) - 1,
        **{f"{name}_volatility": math.sqrt(252 * variance) for name, variance in ranges.items()},
        "mean_dollar_volume": math.fsum(turnover) / len(turnover),
        "amihud_illiquidity": math.fsum(abs(new[3] / old[3] - 1) / money for (old, new), money in moves) / len(moves),
    }


def _periods(whole: Statistics, both: Pairs) -> Found:
    r, _ = _session_returns(both)
    ours = whole.symbols[0].detail
    found: Found = {}
    for period, unit in (("session", "D"), ("week", "W-SUN"), ("month", "ME")):
        compounded = (r + 1).resample(unit).prod(min_count=1) - 1
        for which, value in (("best", compounded.max()), ("worst", compounded.min())):
            name = f"{which}_{period}"
            found[name] = ("pandas resample", ours[name]["return"], value)
    return found


def _relative(whole: Statistics, both: Pairs) -> Found:
    r, b = _session_returns(both)
    gained = [side[-1]["close"] / side[0]["close"] - 1 for side in zip(*both, strict=True)]
    theirs: dict[str, tuple[str, Values]] = {
        "excess_return": ("pandas", gained[0] - gained[1]),
        "correlation": ("scipy.stats pearsonr", scipy.stats.pearsonr(r, b).statistic),
        "beta": ("empyrical", empyrical.beta(r, b)),
        "alpha": ("empyrical", empyrical.alpha(r, b)),
        "r_squared": ("statsmodels OLS", sm.OLS(r, sm.add_constant(b)).fit().rsquared),
        "up_capture": ("empyrical", empyrical.up_capture(r, b)),
        "down_capture": ("empyrical", empyrical.down_capture(r, b)),
        "hit_rate": ("pandas", (r > b).mean()),
        "tracking_difference": ("pandas", 252 * (r - b).mean()),
        "tracking_error": ("empyrical", empyrical.annual_volatility(r - b)),
        "information_ratio": ("empyrical", empyrical.excess_sharpe(r, b) * math.sqrt(252)),
    }
    return _side_by_side(whole.relative[0].figures, theirs)


def _difference(whole: Statistics, both: Pairs) -> Found:
    r, b = _session_returns(both)
    excess = (r - b).to_numpy()
    means = StationaryBootstrap(BLOCK_SESSIONS, excess, seed=np.random.default_rng(SEED)).apply(np.mean, REPETITIONS)
    low, high = np.percentile(means[:, 0], [2.5, 97.5])
    ours = whole.relative[0].difference
    theirs = {"mean": excess.mean(), "low": low, "high": high}
    return {name: ("arch StationaryBootstrap", ours[name]["value"], value) for name, value in theirs.items()}


def _last(both: Pairs, sessions: int) -> tuple[Span, Pairs]:
    """Return the span of the last sessions and the matched minutes inside."""
    days = sorted({a["session"] for a, _ in both})[-sessions:]
    return Span(days[0], days[-1]), [pair for pair in both if pair[0]["session"] >= days[0]]


def _pair(market: Market, both: Pairs) -> Found:
    span, inside = _last(both, sessions=6)
    theirs: dict[str, tuple[str, Values]] = {}
    for every in INTERVALS:
        a, b = np.array(neighbours(inside, every)).T
        theirs[f"correlation_{every}min"] = ("scipy.stats pearsonr", scipy.stats.pearsonr(a, b).statistic)
        theirs[f"beta_{every}min"] = ("statsmodels OLS", sm.OLS(a, b).fit().params[0])
    a, b = np.array(neighbours(inside, 1)).T
    theirs |= {
        "rank_correlation_1min": ("scipy.stats spearmanr", scipy.stats.spearmanr(a, b).statistic),
        "hit_rate": (PLAIN, float(np.mean(a > b))),
        "tracking_error": ("empyrical", empyrical.annual_volatility(a - b, annualization=252 * 390)),
        "lead_lag_band": (PLAIN, scipy.stats.norm.ppf(0.975) / math.sqrt(len(a))),
        **_lead(inside),
        **_together(inside),
    }
    return _side_by_side(pair_range(market.reader, SYMBOLS, span, AS_TRADED).figures, theirs)


def _lead(inside: Pairs) -> dict[str, tuple[str, Values]]:
    """Return the lag of the largest correlation; a gap breaks the series, so statsmodels' ccf cannot be asked."""
    last = {(a["session"], a["minute"]): (a["close"], b["close"]) for a, b in inside}
    moved = {
        key: [math.log(new / old) for new, old in zip(values, last[key[0], key[1] - 1], strict=True)]
        for key, values in last.items()
        if (key[0], key[1] - 1) in last
    }
    means = [math.fsum(side) / len(moved) for side in zip(*moved.values(), strict=True)]
    around = {key: [value - mean for value, mean in zip(values, means, strict=True)] for key, values in moved.items()}
    size = math.sqrt(math.prod(plain.squares(side) for side in zip(*around.values(), strict=True)))
    found = {
        lag: math.fsum(
            a * around[day, at - lag][1] for (day, at), (a, _) in around.items() if (day, at - lag) in around
        )
        / size
        for lag in range(-10, 11)
    }
    peak = max(found, key=lambda lag: abs(found[lag]))
    return {"lead_lag_minutes": (PLAIN, peak), "lead_lag_correlation": (PLAIN, found[peak])}


def _together(inside: Pairs) -> dict[str, tuple[str, Values]]:
    a, b = (np.log([bar["close"] for bar in side]) for side in zip(*inside, strict=True))
    statistic, probability, _ = coint(a, b, maxlag=1, autolag=None)
    fit, before = (sm.OLS(y, sm.add_constant(x)).fit() for y, x in ((a, b), (a[:-1], b[:-1])))
    phi = sm.OLS(np.diff(fit.resid), sm.add_constant(fit.resid[:-1])).fit().params[1]
    now = a[-1] - before.params[0] - before.params[1] * b[-1]
    return {
        "ratio_last": (PLAIN, inside[-1][0]["close"] / inside[-1][1]["close"]),
        "hedge_intercept": ("statsmodels OLS", fit.params[0]),
        "hedge_ratio": ("statsmodels OLS", fit.params[1]),
        "spread_zscore": ("statsmodels OLS", now / before.resid.std(ddof=1)),
        "cointegration_statistic": ("statsmodels coint", statistic),
        "cointegration_pvalue": ("statsmodels coint", probability),
        "half_life_minutes": ("statsmodels OLS", -math.log(2) / phi if phi < 0 else None),
    }


def _series(market: Market, both: Pairs) -> Found:
    """Compare minute by minute; a window of returns leaves out the first bar of each session."""
    span, inside = _last(both, sessions=3)
    ours = pair_series(market.reader, SYMBOLS, span, AS_TRADED, WINDOW, Timeframe.MINUTE).columns
    frame = pd.DataFrame([(a["session"], a["close"], b["close"]) for a, b in inside], columns=["session", "a", "b"])
    grown = frame[["a", "b"]] / frame[["a", "b"]].iloc[0]
    moved = frame[["a", "b"]].apply(np.log).groupby(frame["session"]).diff().dropna()
    rolled = moved["a"].rolling(WINDOW).corr(moved["b"]).reindex(frame.index)
    log_a, log_b = (np.log(frame[name].to_numpy()) for name in ("a", "b"))
    at = np.arange(WINDOW, len(frame), 20)
    scores = [_zscore(log_a[now - WINDOW : now + 1], log_b[now - WINDOW : now + 1]) for now in at]
    return {
        "rebased_a": ("pandas", ours["rebased_a"], 100 * grown["a"]),
        "rebased_b": ("pandas", ours["rebased_b"], 100 * grown["b"]),
        "relative_strength": ("pandas", ours["relative_strength"], 100 * grown["a"] / grown["b"]),
        "rolling_correlation": ("pandas", ours["rolling_correlation"], rolled),
        "spread_zscore": ("statsmodels OLS", ours["spread_zscore"][at], scores),
    }


def _zscore(log_a: Values, log_b: Values) -> float:
    fit = sm.OLS(log_a[:-1], sm.add_constant(log_b[:-1])).fit()
    return float((log_a[-1] - fit.params[0] - fit.params[1] * log_b[-1]) / fit.resid.std(ddof=1))


def _profile(market: Market) -> Found:
    bars = plain.regular(market.bars[SYMBOLS[0]])
    answer = symbol_profile(market.reader, SYMBOLS[0], Span(FIRST, LAST), AS_TRADED, BINS)
    volume, control, low, width = plain.profile(bars, BINS)
    first, last = plain.value_area(volume, control)
    ours = answer.to_json()
    return {
        "bins": ("plain program", [each["volume"] for each in answer.bins()], volume),
        "point_of_control": (PLAIN, ours["point_of_control"], low + (control + 0.5) * width),
        "value_area_low": (PLAIN, ours["value_area_low"], low + first * width),
        "value_area_high": (PLAIN, ours["value_area_high"], low + (last + 1) * width),
    }


def _compared(market: Market, both: Pairs) -> Found:
    span, inside = _last(both, sessions=6)
    answer = compare(market.reader, SYMBOLS, span.first, span.last, NOW)
    sides = [pd.Series([bar["close"] for bar in side]).pct_change().dropna() for side in zip(*inside, strict=True)]
    theirs = [empyrical.cum_returns_final(side) for side in sides]
    return {"cumulative_return": ("empyrical", [each.cumulative_return for each in answer.series], theirs)}
