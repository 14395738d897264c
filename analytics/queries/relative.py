"""One symbol against another over a range: how it followed and beat it, and whether the difference is real."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.formulas.comovement import correlation
from analytics.formulas.figures import Figure, Sample
from analytics.formulas.performance import annual_alpha, capture, deviation, ols, stationary_bootstrap
from analytics.formulas.realised import TRADING_DAYS
from analytics.queries.paths import Paths

FEWEST_SESSIONS = 20
BOOTSTRAP_SESSIONS = 10
# Changing one of these changes every published interval.
BLOCK_SESSIONS, REPETITIONS, SEED = 5, 1_000, 20_261_001

NO_OVERLAP = "The two share no minute in the range."


@dataclass(frozen=True)
class Relative:
    """A symbol against a benchmark, over the sessions that both have."""

    symbol: str
    benchmark: str
    figures: Mapping[str, Figure]
    difference: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {
            "symbol": self.symbol,
            "benchmark": self.benchmark,
            "figures": {name: figure.to_json() for name, figure in self.figures.items()},
            "difference": dict(self.difference),
        }


def measure_relative(paths: Paths, symbol: str, benchmark: str) -> Relative:
    path, other = paths.paths[symbol], paths.paths[benchmark]
    none = np.zeros(0)
    ours, theirs = (p.session_returns()[1] if paths.are_matched else none for p in (path, other))
    lead = np.nan
    if paths.are_matched:
        lead = path.closes[-1] / path.closes[0] - other.closes[-1] / other.closes[0]
    minutes = Sample(paths.matched_minutes, "matched minutes")
    figures = {
        "excess_return": minutes.figure(lead),
        **_following(ours, theirs),
        **_tracking(ours - theirs),
        **_captures(ours, theirs),
    }
    if not paths.are_matched:
        figures = {name: Sample(0, figure.sample_of).absent(NO_OVERLAP) for name, figure in figures.items()}
    return Relative(symbol, benchmark, figures, _difference(ours - theirs, paths.are_matched))


def _following(ours: Any, theirs: Any) -> dict[str, Figure]:
    sample = Sample(len(ours), "session returns", fewest=3, sensible=FEWEST_SESSIONS)
    alpha, beta, explained = ols(ours, theirs)
    still = "The benchmark did not move."
    return {
        "correlation": sample.figure(correlation(ours, theirs), "One of the two did not move."),
        "beta": sample.figure(beta, still),
        "alpha": sample.figure(annual_alpha(alpha), still),
        "r_squared": sample.figure(explained, "One of the two did not move."),
    }


def _tracking(excess: Any) -> dict[str, Figure]:
    sample = Sample(len(excess), "session returns", fewest=2, sensible=FEWEST_SESSIONS)
    one = Sample(len(excess), "session returns", sensible=FEWEST_SESSIONS)
    mean, around = (excess.mean() if len(excess) else np.nan), deviation(excess)
    ratio = mean / around * np.sqrt(TRADING_DAYS) if around > 0 else np.nan
    return {
        "hit_rate": one.figure(np.mean(excess > 0) if len(excess) else np.nan),
        "tracking_difference": one.figure(mean * TRADING_DAYS),
        "tracking_error": sample.figure(around * np.sqrt(TRADING_DAYS)),
        "information_ratio": sample.figure(ratio, "The two never differed."),
    }


def _captures(ours: Any, theirs: Any) -> dict[str, Figure]:
    found = {}
    for name, chosen in (("up_capture", theirs > 0), ("down_capture", theirs < 0)):
        which = "sessions in which the benchmark rose" if name == "up_capture" else "sessions in which it fell"
        sample = Sample(int(chosen.sum()), which, sensible=FEWEST_SESSIONS)
        found[name] = sample.figure(capture(ours[chosen], theirs[chosen]), "The benchmark did not move.")
    return found


def _difference(excess: Any, are_matched: bool) -> dict[str, Any]:
    """Return the mean difference of session returns with its 95 % interval from resampled blocks of sessions."""
    sample = Sample(len(excess), "session returns", BOOTSTRAP_SESSIONS, 2 * FEWEST_SESSIONS)
    names = ("mean", "low", "high")
    if not are_matched or len(excess) < BOOTSTRAP_SESSIONS:
        figure = sample.figure(np.nan) if are_matched else sample.absent(NO_OVERLAP)
        figures, real = dict.fromkeys(names, figure), None
    else:
        means = stationary_bootstrap(excess, block=BLOCK_SESSIONS, repetitions=REPETITIONS, seed=SEED)
        low, high = np.percentile(means, [2.5, 97.5])
        figures = {name: sample.figure(value) for name, value in zip(names, (excess.mean(), low, high), strict=True)}
        real = bool(low > 0 or high < 0)
    return {
        **{name: figure.to_json() for name, figure in figures.items()},
        "is_real": real,
        "method": f"stationary bootstrap, blocks of {BLOCK_SESSIONS} sessions on average, {REPETITIONS:,} resamples",
    }
