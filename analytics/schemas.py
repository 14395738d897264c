"""The derived tables: what each holds and where it lies. Read by every process, so it imports no engine.

Every table is partitioned by symbol and month and built over the regular, not quarantined bars, one file set
per part. Prices are float64 in quote currency as traded, volumes int64 shares, returns fractions; `session`
is the New York trading date; `bar_start` and `hour_start` are UTC instants that open their interval. What looks back
over a split is on the basis of its row's own session (docs/decisions/windows-across-splits.md).
"""

from typing import Any

import pyarrow as pa

from market.lake.location import Lake
from market.lake.tables import Table

INSTANT = pa.timestamp("us", tz="UTC")


def _part_schema(*fields: "pa.Field[Any]") -> pa.Schema:
    return pa.schema([pa.field("symbol", pa.string()), pa.field("month", pa.string()), *fields])


def _fields(kind: pa.DataType, *names: str) -> "list[pa.Field[Any]]":
    return [pa.field(name, kind) for name in names]


_AGGREGATE_FIELDS = [
    *_fields(pa.int64(), "bar_count"),
    *_fields(pa.float64(), "open", "high", "low", "close"),
    *_fields(pa.int64(), "volume"),
    *_fields(pa.float64(), "mean_open", "mean_high", "mean_low", "mean_close", "vwap_close"),
]

# One row per (symbol, session). vwap_close is Σ close·volume / Σ volume, null without volume;
# volume_all_phases counts the shares of all phases and of quarantined bars, whose price alone is in doubt.
DAILY_SCHEMA = _part_schema(
    pa.field("session", pa.date32()), *_AGGREGATE_FIELDS, pa.field("volume_all_phases", pa.int64())
)

# One row per (symbol, New York clock hour with a bar); the 09:00 hour holds 09:30-09:59.
HOURLY_SCHEMA = _part_schema(pa.field("session", pa.date32()), pa.field("hour_start", INSTANT), *_AGGREGATE_FIELDS)

# One row per bar. Windows count bars and run on across sessions; null until a window is full.
MOVING_AVERAGES_SCHEMA = _part_schema(
    pa.field("session", pa.date32()),
    pa.field("bar_start", INSTANT),
    *_fields(pa.float64(), "close", "sma_20", "sma_50", "sma_200", "ema_20", "ema_50", "ema_200"),
)

# One row per bar. simple_return and log_return are null on a session's first bar, overnight_return on all others.
RETURNS_SCHEMA = _part_schema(
    pa.field("session", pa.date32()),
    pa.field("bar_start", INSTANT),
    *_fields(pa.float64(), "simple_return", "log_return", "cumulative_return", "overnight_return"),
)

# One row per bar, as TA-Lib counts: windows run on across sessions, and null while warming up. rsi, adx, stochastic and
# mfi lie in 0 to 100, roc and natr are percent, bandwidth and vwap_distance fractions; what ends in _session and
# vwap_deviation, in quote currency, begin anew at each open.
INDICATORS_SCHEMA = _part_schema(
    pa.field("session", pa.date32()),
    pa.field("bar_start", INSTANT),
    *_fields(pa.float64(), "rsi_14", "macd", "macd_signal", "macd_histogram", "atr_14", "natr_14", "adx_14"),
    *_fields(pa.float64(), "stochastic_k", "stochastic_d", "roc_10", "mfi_14", "wma_20"),
    *_fields(pa.float64(), "bollinger_upper", "bollinger_lower", "bollinger_percent_b", "bollinger_bandwidth"),
    *_fields(pa.float64(), "vwap_session", "vwap_deviation", "vwap_distance", "obv_session"),
    *_fields(pa.float64(), "running_mean_session", "relative_volume"),
)

# One row per session. Variances are of log returns, for one session and not annualised; `realised_volatility` is the
# root of 252 times realised_variance_5min. Returns are those of closes inside the session; overnight_return is the
# log return from the session before, null where that is more than a week away, as are opening_gap (a simple return),
# gap_filled and amihud_illiquidity.
VOLATILITY_SCHEMA = _part_schema(
    pa.field("session", pa.date32()),
    *_fields(pa.int64(), "bar_count", "return_count_5min"),
    *_fields(pa.float64(), *(f"realised_variance_{minutes}min" for minutes in (1, 5, 15, 30))),
    *_fields(pa.float64(), "realised_volatility", "overnight_return", "realised_variance_with_overnight"),
    *_fields(pa.float64(), "bipower_variation", "jump_share", "up_semivariance", "down_semivariance"),
    *_fields(pa.float64(), "parkinson", "garman_klass", "rogers_satchell"),
    *_fields(pa.float64(), "skewness", "excess_kurtosis", "opening_gap"),
    pa.field("gap_filled", pa.bool_()),
    *_fields(pa.float64(), "dollar_volume", "amihud_illiquidity"),
)

# One row per minute since the open. Shares sum to 1 over a month; returns are absolute log returns.
SEASONALITY_SCHEMA = _part_schema(
    *_fields(pa.int64(), "minute_of_session", "session_count"),
    *_fields(pa.float64(), "mean_volume", "volume_share", "mean_cumulative_volume", "mean_absolute_return"),
)

# One row per session with a bar of any phase. Minutes are regular ones; `bar_count` and `quarantined_bars` are of all
# phases, as is `last_bar_start`.
QUALITY_SCHEMA = _part_schema(
    pa.field("session", pa.date32()),
    *_fields(pa.int64(), "expected_minutes", "present_minutes", "missing_minutes", "quarantined_minutes"),
    *_fields(pa.int64(), "repaired_minutes", "bar_count", "quarantined_bars"),
    pa.field("last_bar_start", INSTANT),
    pa.field("provider", pa.string()),
    pa.field("fetched_at", INSTANT),
)

# One row per session of both symbols; `symbol` names the pair, symbol_a comes before symbol_b in the alphabet. Betas
# are of A on B. Covariances are Σ r_A·r_B of one session; tracking_error is annualised, all returns are fractions.
PAIRS_SCHEMA = _part_schema(
    *_fields(pa.string(), "symbol_a", "symbol_b"),
    pa.field("session", pa.date32()),
    *_fields(pa.int64(), "matched_minutes", "unmatched_minutes_a", "unmatched_minutes_b", "return_count_1min"),
    *_fields(pa.float64(), "ratio_mean", "ratio_last", "price_correlation"),
    *_fields(pa.float64(), *(f"correlation_{minutes}min" for minutes in (1, 5, 15, 30, 65))),
    *_fields(pa.float64(), "rank_correlation_1min", "covariance_1min", "covariance_5min"),
    *_fields(pa.float64(), *(f"beta_{minutes}min" for minutes in (1, 5, 15, 30, 65))),
    *_fields(pa.float64(), "lead_lag_minutes", "lead_lag_correlation", "lead_lag_band"),
    *_fields(pa.float64(), "return_a", "return_b", "excess_return", "hit_rate", "tracking_error"),
    *_fields(pa.float64(), "hedge_ratio", "hedge_intercept", "spread_zscore"),
    *_fields(pa.float64(), "cointegration_statistic", "cointegration_pvalue", "half_life_minutes"),
)

DERIVED_SCHEMAS = {
    "daily": DAILY_SCHEMA,
    "hourly": HOURLY_SCHEMA,
    "moving_averages": MOVING_AVERAGES_SCHEMA,
    "returns": RETURNS_SCHEMA,
    "indicators": INDICATORS_SCHEMA,
    "volatility": VOLATILITY_SCHEMA,
    "seasonality": SEASONALITY_SCHEMA,
    "quality": QUALITY_SCHEMA,
    "pairs": PAIRS_SCHEMA,
}


def pair_name(symbol_a: str, symbol_b: str) -> str:
    """Return the value of the partition column `symbol` for a pair; no symbol holds an underscore.

    >>> pair_name("AAPL", "BRK.B")
    'AAPL_BRK.B'
    """
    return f"{symbol_a}_{symbol_b}"


def pair_symbols(name: str) -> tuple[str, str]:
    """Return the two symbols of a pair.

    >>> pair_symbols("AAPL_BRK.B")
    ('AAPL', 'BRK.B')
    """
    symbol_a, symbol_b = name.split("_")
    return symbol_a, symbol_b


def derived_table(lake: Lake, name: str) -> Table:
    """Return the derived table of that name. Raises KeyError for a name that is none of DERIVED_SCHEMAS."""
    return Table(lake, name, DERIVED_SCHEMAS[name])


def daily_table(lake: Lake) -> Table:
    return derived_table(lake, "daily")


def hourly_table(lake: Lake) -> Table:
    return derived_table(lake, "hourly")


def moving_averages_table(lake: Lake) -> Table:
    return derived_table(lake, "moving_averages")


def returns_table(lake: Lake) -> Table:
    return derived_table(lake, "returns")
