"""Two symbols over a range: how their minutes moved together, and whether their prices stay together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.formulas.comovement import (
    MOST_LAG,
    correlation,
    lead_lag,
    paired_returns,
    rank_correlation,
    realised_beta,
)
from analytics.formulas.figures import Figure, Sample
from analytics.formulas.pair_sessions import INTERVALS
from analytics.formulas.performance import deviation
from analytics.formulas.realised import TRADING_DAYS
from analytics.formulas.spread import FEWEST_MINUTES, cointegration, half_life, hedge, spread, spread_zscore
from analytics.queries.adjustment import Basis
from analytics.queries.paths import Path, Span, load_paths, provenance_of_paths
from analytics.queries.provenance import Provenance
from analytics.queries.reader import LakeReader
from analytics.queries.relative import NO_OVERLAP, Relative, measure_relative

FEWEST_RETURNS = 30
SENSIBLE_MINUTES = 390
_STILL = "One of the two did not move."


@dataclass(frozen=True)
class PairRange:
    """Symbol A against B over the minutes that both have; `sessions` is the same from close to close."""

    symbols: tuple[str, str]
    matched_minutes: int
    figures: Mapping[str, Figure]
    sessions: Relative
    provenance: Provenance

    def to_json(self) -> dict[str, Any]:
        return {
            "symbol_a": self.symbols[0],
            "symbol_b": self.symbols[1],
            "matched_minutes": self.matched_minutes,
            "figures": {name: figure.to_json() for name, figure in self.figures.items()},
            "sessions": self.sessions.to_json(),
            "provenance": self.provenance.to_json(),
        }


def pair_range(reader: LakeReader, symbols: Sequence[str], span: Span, basis: Basis) -> PairRange:
    """Compare two symbols, whether or not `process_prices` knows the pair. Raises NoBars, SymbolUnknown."""
    first, second = symbols
    paths = load_paths(reader, symbols, span, basis)
    a, b = paths.paths[first], paths.paths[second]
    if not paths.are_matched:
        a = b = Path(np.zeros(0, np.int64), np.zeros(0))
    figures = {**_movement(a, b), **_lead(a, b), **_together(a, b)}
    if not paths.are_matched:
        figures = {name: Sample(0, figure.sample_of).absent(NO_OVERLAP) for name, figure in figures.items()}
    return PairRange(
        symbols=(first, second),
        matched_minutes=paths.matched_minutes,
        figures=figures,
        sessions=measure_relative(paths, first, second),
        provenance=provenance_of_paths(reader, paths),
    )


def _movement(a: Path, b: Path) -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    for every in INTERVALS:
        _, of_a, of_b = paired_returns(a.positions, a.closes, b.closes, every)
        sample = Sample(
            len(of_a), f"returns of {every} minute{'s' if every > 1 else ''}", fewest=3, sensible=FEWEST_RETURNS
        )
        found[f"correlation_{every}min"] = sample.figure(correlation(of_a, of_b), _STILL)
        found[f"beta_{every}min"] = sample.figure(realised_beta(of_a, of_b), "B did not move.")
    _, of_a, of_b = paired_returns(a.positions, a.closes, b.closes, 1)
    excess = of_a - of_b
    sample = Sample(len(excess), "returns of 1 minute", fewest=3, sensible=FEWEST_RETURNS)
    found["rank_correlation_1min"] = sample.figure(rank_correlation(of_a, of_b), _STILL)
    found["hit_rate"] = sample.figure(float(np.mean(excess > 0)) if len(excess) else np.nan)
    found["tracking_error"] = sample.figure(deviation(excess) * float(np.sqrt(TRADING_DAYS * 390)))
    return found


def _lead(a: Path, b: Path) -> dict[str, Figure]:
    minutes, of_a, of_b = paired_returns(a.positions, a.closes, b.closes, 1)
    sample = Sample(len(minutes), "returns of 1 minute", fewest=MOST_LAG + 1, sensible=SENSIBLE_MINUTES)
    names = ("lead_lag_minutes", "lead_lag_correlation", "lead_lag_band")
    values = lead_lag(minutes, of_a, of_b)
    return {name: sample.figure(value, _STILL) for name, value in zip(names, values, strict=True)}


def _together(a: Path, b: Path) -> dict[str, Figure]:
    """Return the ratio, and measures of the spread; closes follow each other from session to session."""
    some = len(a) > 0
    sample = Sample(len(a), "matched minutes", fewest=FEWEST_MINUTES, sensible=SENSIBLE_MINUTES)
    alpha, beta = hedge(a.closes, b.closes)
    residuals = spread(a.closes, b.closes, alpha, beta)
    moved = sample.count >= FEWEST_MINUTES and np.ptp(a.closes) > 0
    statistic, probability = cointegration(residuals) if moved else (np.nan, np.nan)
    return {
        "ratio_last": Sample(len(a), "matched minutes").figure(a.closes[-1] / b.closes[-1] if some else np.nan),
        "hedge_ratio": sample.figure(beta, "B did not move."),
        "hedge_intercept": sample.figure(alpha, "B did not move."),
        "spread_zscore": sample.figure(_last_zscore(a, b), "The spread did not move."),
        "cointegration_statistic": sample.figure(statistic, _STILL),
        "cointegration_pvalue": sample.figure(probability, _STILL),
        "half_life_minutes": sample.figure(half_life(residuals) if moved else np.nan, "The spread does not come back."),
    }


def _last_zscore(a: Path, b: Path) -> float:
    """Judge the last minute by all before it, which give the hedge, too."""
    before_a, before_b = a.closes[:-1], b.closes[:-1]
    alpha, beta = hedge(before_a, before_b)
    if np.isnan(beta):
        return np.nan
    last = spread(a.closes[-1:], b.closes[-1:], alpha, beta)
    return spread_zscore(spread(before_a, before_b, alpha, beta), float(last[0]))
