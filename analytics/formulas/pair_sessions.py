"""How two symbols moved together in each session, over the minutes that both have."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.formulas.arrays import Floats, Integers, starts_of_runs
from analytics.formulas.basis import basis_of
from analytics.formulas.comovement import (
    correlation,
    lead_lag,
    paired_returns,
    rank_correlation,
    realised_beta,
    varies,
)
from analytics.formulas.realised import TRADING_DAYS
from analytics.formulas.spread import cointegration, half_life, hedge, spread, spread_zscore
from analytics.formulas.tables import floats, integers, make_table
from analytics.schemas import PAIRS_SCHEMA, pair_symbols

INTERVALS = (1, 5, 15, 30, 65)
HEDGE_SESSIONS = 5
# Sessions of at most 961 bars, extended hours and the auction included.
HEDGE_LOOKBACK_ROWS = HEDGE_SESSIONS * 961
_MINUTES_A_YEAR = TRADING_DAYS * 390


def compare_sessions(part: pa.Table) -> pa.Table:
    """Compare the two symbols of one part, session by session."""
    if not part.num_rows:
        return PAIRS_SCHEMA.empty_table()
    symbols = pair_symbols(part["symbol"][0].as_py())
    own = [_bars_of(part, symbol) for symbol in symbols]
    matched = _match(*own)
    rows: list[dict[str, Any]] = []
    days = [integers(side, "session") for side in own]
    bases = [_basis_of_sessions(side) for side in own]
    past: list[dict[str, Any]] = []
    for day in np.intersect1d(days[0], days[1]):
        of_day = {name: values[matched["session"] == day] for name, values in matched.items()}
        if _month(day) == part["month"][0].as_py():
            bars = [int(np.sum(side == day)) for side in days]
            rows.append(_row(int(day), bars, of_day, _on_basis(past[-HEDGE_SESSIONS:], bases, int(day))))
        past.append(of_day | {"day": int(day)})
    return _table(part, symbols, rows)


def _basis_of_sessions(side: pa.Table) -> dict[int, float]:
    days = integers(side, "session")
    starts = starts_of_runs(days)
    return dict(zip(days[starts].tolist(), basis_of(side)[starts].tolist(), strict=True))


def _on_basis(past: list[dict[str, Any]], bases: list[dict[int, float]], today: int) -> list[dict[str, Any]]:
    """Return the closes of earlier sessions as what they are on the basis of today's."""
    return [
        {
            f"close_{side}": day[f"close_{side}"] / (basis[day["day"]] / basis[today])
            for side, basis in zip("ab", bases, strict=True)
        }
        for day in past
    ]


def _bars_of(part: pa.Table, symbol: str) -> pa.Table:
    return part.filter(pc.equal(part["source_symbol"], pa.scalar(symbol))).sort_by("bar_start")


def _month(day: np.int64) -> str:
    return str(day.astype("datetime64[D]").astype("datetime64[M]"))


def _row(day: int, bars: list[int], prices: dict[str, Any], past: list[dict[str, Any]]) -> dict[str, Any]:
    matched = len(prices["minute"])
    unmatched = {"unmatched_minutes_a": bars[0] - matched, "unmatched_minutes_b": bars[1] - matched}
    return {"session": day, **unmatched, **_measures(prices["minute"], prices), **_hedge(past, prices)}


def _match(a: pa.Table, b: pa.Table) -> dict[str, Any]:
    starts_a, starts_b = integers(a, "bar_start"), integers(b, "bar_start")
    _, at_a, at_b = np.intersect1d(starts_a, starts_b, assume_unique=True, return_indices=True)
    return {
        "session": integers(a, "session")[at_a],
        "minute": integers(a, "minute")[at_a],
        **{f"{name}_a": floats(a, name)[at_a] for name in ("open", "close")},
        **{f"{name}_b": floats(b, name)[at_b] for name in ("open", "close")},
    }


def _measures(minutes: Integers, prices: dict[str, Any]) -> dict[str, Any]:
    a, b = prices["close_a"], prices["close_b"]
    returns = {every: paired_returns(minutes, a, b, every) for every in INTERVALS}
    ends, minute_a, minute_b = returns[1]
    lag, at_lag, band = lead_lag(ends, minute_a, minute_b)
    return {
        "matched_minutes": len(minutes),
        "return_count_1min": len(ends),
        "ratio_mean": float(np.mean(a / b)) if len(a) else np.nan,
        "ratio_last": a[-1] / b[-1] if len(a) else np.nan,
        "price_correlation": correlation(a, b),
        **{f"correlation_{every}min": correlation(*returns[every][1:]) for every in INTERVALS},
        "rank_correlation_1min": rank_correlation(minute_a, minute_b),
        **{f"covariance_{every}min": _covariance(*returns[every][1:]) for every in (1, 5)},
        **{f"beta_{every}min": realised_beta(*returns[every][1:]) for every in INTERVALS},
        "lead_lag_minutes": lag,
        "lead_lag_correlation": at_lag,
        "lead_lag_band": band,
        **_difference(prices, minute_a - minute_b),
        **_togetherness(a, b),
    }


def _covariance(a: Floats, b: Floats) -> float:
    """Return Σ r_A·r_B, the realised covariance of one session."""
    return float(np.sum(a * b)) if len(a) else np.nan


def _difference(prices: dict[str, Any], excess: Floats) -> dict[str, float]:
    gained = [
        prices[f"close_{side}"][-1] / prices[f"open_{side}"][0] - 1 if len(prices["minute"]) else np.nan
        for side in ("a", "b")
    ]
    return {
        "return_a": gained[0],
        "return_b": gained[1],
        "excess_return": gained[0] - gained[1],
        "hit_rate": float(np.mean(excess > 0)) if len(excess) else np.nan,
        "tracking_error": float(excess.std(ddof=1) * np.sqrt(_MINUTES_A_YEAR)) if len(excess) > 1 else np.nan,
    }


def _togetherness(a: Floats, b: Floats) -> dict[str, float]:
    alpha, beta = hedge(a, b)
    residuals = spread(a, b, alpha, beta)
    statistic, probability = cointegration(residuals) if varies(a) else (np.nan, np.nan)
    return {
        "cointegration_statistic": statistic,
        "cointegration_pvalue": probability,
        "half_life_minutes": half_life(residuals) if varies(a) else np.nan,
    }


def _hedge(past: list[dict[str, Any]], today: dict[str, Any]) -> dict[str, float]:
    """Return the hedge of the sessions before, and how far this session's last spread is from theirs."""
    nothing = {"hedge_ratio": np.nan, "hedge_intercept": np.nan, "spread_zscore": np.nan}
    if not past:
        return nothing
    a, b = (np.concatenate([day[name] for day in past]) for name in ("close_a", "close_b"))
    alpha, beta = hedge(a, b)
    if np.isnan(beta):
        return nothing
    window = spread(a, b, alpha, beta)
    last = spread(today["close_a"][-1:], today["close_b"][-1:], alpha, beta)
    score = spread_zscore(window, float(last[0])) if len(last) else np.nan
    return {"hedge_ratio": beta, "hedge_intercept": alpha, "spread_zscore": score}


def _table(part: pa.Table, symbols: tuple[str, str], rows: list[dict[str, Any]]) -> pa.Table:
    fixed = {"symbol": part["symbol"][0].as_py(), "month": part["month"][0].as_py()}
    fixed |= {"symbol_a": symbols[0], "symbol_b": symbols[1]}
    columns: dict[str, Any] = {name: pa.array([value] * len(rows), pa.string()) for name, value in fixed.items()}
    columns["session"] = pa.array([row["session"] for row in rows], pa.int32()).cast(pa.date32())
    return make_table(
        PAIRS_SCHEMA,
        {name: columns[name] if name in columns else [row[name] for row in rows] for name in PAIRS_SCHEMA.names},
    )
