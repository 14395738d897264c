"""Statistics of symbols between two instants, each with what it rests on, and of each against a benchmark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.formulas.figures import Figure, Sample
from analytics.formulas.performance import (
    annual_return,
    annual_volatility,
    calmar,
    conditional_value_at_risk,
    deepest,
    drawdowns,
    omega,
    sharpe,
    sortino,
    value_at_risk,
)
from analytics.formulas.realised import TRADING_DAYS, excess_kurtosis, sampled, skewness
from analytics.queries.adjustment import Basis
from analytics.queries.days import Days, load_days
from analytics.queries.instants import date_of, iso_instant
from analytics.queries.paths import SESSION_STRIDE, Path, Span, load_paths, provenance_of_paths
from analytics.queries.provenance import Provenance
from analytics.queries.reader import LakeReader
from analytics.queries.relative import Relative, measure_relative

FEWEST_SESSIONS = 20
TAIL_SESSIONS = 100
YEAR = TRADING_DAYS
SAMPLED_MINUTES = 5


@dataclass(frozen=True)
class SymbolStatistics:
    """One symbol over the span; `detail` says when, for what happened at an instant or in a session."""

    symbol: str
    path: Path
    figures: Mapping[str, Figure]
    detail: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        path = self.path
        return {
            "symbol": self.symbol,
            "minutes": len(path),
            "sessions": len(path.ends),
            "first": iso_instant(path.at(0)) if len(path) else None,
            "last": iso_instant(path.at(-1)) if len(path) else None,
            "first_close": float(path.closes[0]) if len(path) else None,
            "last_close": float(path.closes[-1]) if len(path) else None,
            "figures": {name: figure.to_json() for name, figure in self.figures.items()},
            **self.detail,
        }


@dataclass(frozen=True)
class Statistics:
    """Statistics of one or more symbols; `relative` compares all but the benchmark, which is one of them, with it.

    `risk_free` is the yearly rate, a fraction, that the Sharpe and Sortino ratios count with.
    """

    benchmark: str
    symbols: tuple[SymbolStatistics, ...]
    relative: tuple[Relative, ...]
    matched_minutes: int
    risk_free: float
    provenance: Provenance

    def to_json(self) -> dict[str, Any]:
        return {
            "benchmark": self.benchmark,
            "matched_minutes": self.matched_minutes,
            "symbols": [each.to_json() for each in self.symbols],
            "relative": [each.to_json() for each in self.relative],
            "provenance": self.provenance.to_json(),
        }


def range_statistics(
    reader: LakeReader,
    symbols: Sequence[str],
    span: Span,
    basis: Basis,
    benchmark: str | None = None,
    risk_free: float = 0.0,
) -> Statistics:
    """Measure symbols over the minutes that all of them have; `risk_free` is a yearly rate, a fraction.

    Symbols without a common minute are measured over their own, and not against each other. Raises NoBars,
    SymbolUnknown, NotProcessed.
    """
    against = benchmark or symbols[0]
    paths = load_paths(reader, symbols, span, basis)
    days = {symbol: load_days(reader, symbol, span, paths.factors[symbol]) for symbol in symbols}
    return Statistics(
        benchmark=against,
        symbols=tuple(symbol_statistics(symbol, path, days[symbol], risk_free) for symbol, path in paths.paths.items()),
        relative=tuple(measure_relative(paths, symbol, against) for symbol in symbols if symbol != against),
        matched_minutes=paths.matched_minutes,
        risk_free=risk_free,
        provenance=provenance_of_paths(reader, paths, reader.view("daily")),
    )


def symbol_statistics(symbol: str, path: Path, days: Days, risk_free: float) -> SymbolStatistics:
    sessions, returns = path.session_returns()
    figures = {
        **_growth(path, days),
        **_risk(returns, risk_free),
        **_movement(path, days),
        **_tails(returns),
        **_of_a_year(returns),
    }
    detail = {"drawdown": _drawdown(path), **_extremes(sessions, returns)}
    return SymbolStatistics(symbol, path, figures, detail)


def _growth(path: Path, days: Days) -> dict[str, Figure]:
    minutes = Sample(len(path), "minutes")
    nights = Sample(len(days.nights), "nights")
    whole = Sample(len(days), "whole sessions")
    some = len(path) > 0
    return {
        "cumulative_return": minutes.figure(float(path.closes[-1] / path.closes[0] - 1) if some else np.nan),
        "maximum_drawdown": minutes.figure(float(drawdowns(path.closes).min()) if some else np.nan),
        "overnight_return": nights.figure(float(np.prod(1 + days.nights) - 1)),
        "intraday_return": whole.figure(float(np.prod(days.close / days.open) - 1)),
    }


def _risk(returns: Any, risk_free: float) -> dict[str, Figure]:
    sample = Sample(len(returns), "session returns", fewest=2, sensible=FEWEST_SESSIONS)
    return {
        "volatility": sample.figure(annual_volatility(np.log1p(returns))),
        "sharpe_ratio": sample.figure(sharpe(returns, risk_free / TRADING_DAYS)),
        "sortino_ratio": sample.figure(sortino(returns, risk_free / TRADING_DAYS), "No session lost."),
    }


def _tails(returns: Any) -> dict[str, Figure]:
    def sample(fewest: int) -> Sample:
        return Sample(len(returns), "session returns", fewest, TAIL_SESSIONS)

    return {
        "value_at_risk_95": sample(2).figure(value_at_risk(returns)),
        "conditional_value_at_risk_95": sample(2).figure(conditional_value_at_risk(returns)),
        "skewness": sample(3).figure(skewness(returns)),
        "excess_kurtosis": sample(4).figure(excess_kurtosis(returns)),
    }


def _of_a_year(returns: Any) -> dict[str, Figure]:
    year = Sample(len(returns), "session returns", fewest=YEAR, sensible=YEAR)
    return {
        "annual_return": year.figure(annual_return(returns)),
        "calmar_ratio": year.figure(calmar(returns), "There was no drawdown."),
        "omega_ratio": year.figure(omega(returns), "No session lost."),
    }


def _movement(path: Path, days: Days) -> dict[str, Figure]:
    variances = _realised(path)
    sessions = Sample(len(variances), "sessions", sensible=FEWEST_SESSIONS)
    whole = Sample(len(days), "whole sessions", sensible=FEWEST_SESSIONS)
    followed = Sample(len(days.nights), "nights", fewest=2, sensible=FEWEST_SESSIONS)
    traded = Sample(len(days.illiquidity), "sessions with volume", sensible=FEWEST_SESSIONS)

    def annual(mean_variance: float) -> float:
        return float(np.sqrt(TRADING_DAYS * max(mean_variance, 0.0)))

    return {
        "realised_volatility": sessions.figure(annual(variances.mean()) if len(variances) else np.nan),
        **{f"{name}_volatility": whole.figure(annual(value)) for name, value in days.range_variances().items()},
        "yang_zhang_volatility": followed.figure(annual(days.yang_zhang())),
        "mean_dollar_volume": whole.figure(days.mean_turnover()),
        "amihud_illiquidity": traded.figure(days.illiquidity.mean() if len(days.illiquidity) else np.nan),
    }


def _realised(path: Path) -> Any:
    """Return Σ r² of five-minute log returns of each session with a return."""
    interval, close = sampled(path.positions, path.closes, SAMPLED_MINUTES)
    session = interval // (SESSION_STRIDE // SAMPLED_MINUTES)
    inside = np.diff(session) == 0
    squares = np.diff(np.log(close))[inside] ** 2
    _, place = np.unique(session[1:][inside], return_inverse=True)
    return np.bincount(place, squares) if len(squares) else np.zeros(0)


def _drawdown(path: Path) -> dict[str, Any] | None:
    """Return when the largest drawdown began, was deepest and ended; None where the price never fell."""
    if not len(path) or drawdowns(path.closes).min() == 0:
        return None
    peak, trough, recovered = deepest(path.closes)
    return {
        "peak": iso_instant(path.at(peak)),
        "trough": iso_instant(path.at(trough)),
        "recovered": None if recovered is None else iso_instant(path.at(recovered)),
        "sessions_to_trough": int(path.sessions[trough] - path.sessions[peak]),
        "sessions_to_recovery": None if recovered is None else int(path.sessions[recovered] - path.sessions[peak]),
    }


def _extremes(sessions: Any, returns: Any) -> dict[str, Any]:
    """Return the best and the worst session, ISO week and month, from session returns; None without any."""
    found: dict[str, Any] = {}
    for name, unit in (("session", "D"), ("week", "W-THU"), ("month", "M")):
        labels, compounded = _by_period(sessions, returns, unit)
        best, worst = (_named(labels, compounded, pick) for pick in (np.argmax, np.argmin))
        found |= {f"best_{name}": best, f"worst_{name}": worst}
    return found


def _by_period(sessions: Any, returns: Any, unit: str) -> tuple[Any, Any]:
    """Return the first session of each period and what the returns inside compound to."""
    # Numpy's weeks begin on Thursday, the day of the epoch; three days later they begin on Monday.
    periods = (sessions + 3).astype("datetime64[W]") if unit == "W-THU" else sessions.astype(f"datetime64[{unit}]")
    _, first, place = np.unique(periods, return_index=True, return_inverse=True)
    compounded = np.expm1(np.bincount(place, np.log1p(returns), len(first)))
    return sessions[first], compounded


def _named(labels: Any, compounded: Any, pick: Any) -> dict[str, Any] | None:
    if not len(labels):
        return None
    at = int(pick(compounded))
    return {"from": date_of(labels[at]).isoformat(), "return": float(compounded[at])}
