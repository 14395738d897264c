"""Measures that are worked out along or over the range that a person chose, for two symbols, or by price."""

from dataclasses import replace

from analytics.measures.model import Measure
from analytics.measures.pairs import PAIR_MEASURES

_BASE = "t0 is the first minute of the range that both have."
_RETURNS = "Log returns between neighbouring buckets inside a session; of daily buckets, between sessions."
_IN_RANGE = {
    "ratio_last",
    *(f"{name}_{minutes}min" for name in ("correlation", "beta") for minutes in (1, 5, 15, 30, 65)),
    "rank_correlation_1min",
    "hit_rate",
    "tracking_error",
    *("lead_lag_minutes", "lead_lag_correlation", "lead_lag_band"),
    *("hedge_ratio", "hedge_intercept", "spread_zscore"),
    *("cointegration_statistic", "cointegration_pvalue", "half_life_minutes"),
}
# What differs when the sample is a range and not a session.
_OVER_RANGE = {
    "hedge_ratio": "Over all matched minutes of the range, session after session.",
    "spread_zscore": "The last matched minute against all before it, which give the hedge, too; ddof 1.",
    "cointegration_statistic": "s over all matched minutes of the range; closes follow each other over nights.",
    "half_life_minutes": "Null where φ ≥ 0. All matched minutes of the range; closes follow each other over nights.",
}


def _over_range(measure: Measure) -> Measure:
    columns = tuple(column for column in measure.columns if column in _IN_RANGE)
    convention = _OVER_RANGE.get(columns[0], f"{measure.convention} All sessions of the range together.")
    return replace(measure, table="pair", columns=columns, convention=convention)


SERIES_MEASURES = (
    *(_over_range(measure) for measure in PAIR_MEASURES if _IN_RANGE & set(measure.columns)),
    Measure(
        "pair_series",
        ("rebased_a", "rebased_b"),
        "Index 100",
        "index points",
        "100·c_t / c_{t0}",
        _BASE,
        "pandas",
        "1 matched minute",
        "Both prices as if they had begun at 100.",
    ),
    Measure(
        "pair_series",
        ("relative_strength",),
        "Relative strength",
        "index points",
        "100·(A_t / A_{t0}) / (B_t / B_{t0})",
        _BASE,
        "pandas",
        "1 matched minute",
        "The ratio of both prices, begun at 100: it rises while A does better.",
    ),
    Measure(
        "pair_series",
        ("rolling_correlation",),
        "Rolling correlation",
        "−1 to 1",
        "Pearson's of the last n returns",
        _RETURNS,
        "TA-Lib CORREL; pandas rolling corr",
        "n returns that differ",
        "Whether both move together now, or did so only at times.",
    ),
    Measure(
        "pair_series",
        ("spread_zscore",),
        "Rolling spread z-score",
        "deviations",
        "(ln A − α − β·ln B) / sd of the same",
        "α, β and sd (ddof 1) of the n buckets before; the bucket itself is left out.",
        "statsmodels OLS",
        "n buckets before, B moved",
        "How unusual the distance of the two prices is for what it was just before.",
    ),
    Measure(
        "volume_profile",
        ("bins",),
        "Volume profile",
        "shares",
        "Σ v by bin of (h + l + c)/3",
        "Bins of equal width between the lowest and highest typical price.",
        "numpy histogram",
        "any volume",
        "How much was traded at which price.",
    ),
    Measure(
        "volume_profile",
        ("point_of_control", "value_area_low", "value_area_high"),
        "Point of control and value area",
        "quote currency",
        "middle of the fullest bin; bins around it with 70 % of the volume",
        "Grown from the fullest bin towards the fuller neighbour.",
        "plain program",
        "any volume",
        "The price at which most was traded, and the range of most trading.",
    ),
    Measure(
        "compare",
        ("cumulative_return",),
        "Return from the first common minute",
        "fraction",
        "c_t / c_{t0} − 1",
        "t0 is the first minute of the range in which all symbols have a bar.",
        "empyrical cum_returns",
        "1 matched minute",
        "How much each gained since all could be compared.",
    ),
    Measure(
        "difference",
        ("mean", "low", "high"),
        "Interval of the difference",
        "fraction a session",
        "mean(R − R_B) of resampled sessions, 2.5 % to 97.5 %",
        "Stationary bootstrap, blocks of 5 sessions on average, 1,000 resamples, a fixed seed.",
        "arch StationaryBootstrap",
        "10 session returns; 40 to mean something",
        "Whether one really did better, or chance explains it: it is real when zero lies outside.",
    ),
    Measure(
        "periods",
        tuple(f"{which}_{period}" for period in ("session", "week", "month") for which in ("best", "worst")),
        "Best and worst periods",
        "fraction",
        "max and min of Π(1 + R) − 1 by session, week, month",
        "Returns from close to close of neighbouring sessions; weeks begin on Monday.",
        "pandas resample",
        "1 session return",
        "When it did best and worst, and how much.",
    ),
)
