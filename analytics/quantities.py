"""What each column of the derived tables is when prices are put on another basis: a price, shares, or neither.

A stored figure is on the basis of its own session, splits inside its window allowed for, so the factor of that session
applies to it as to a price. Dollars turned over are what was paid: neither splits nor dividends change them.
"""

from collections.abc import Mapping
from enum import StrEnum


class Quantity(StrEnum):
    """How a column follows its prices."""

    PRICE = "price"
    """Multiplied as prices are."""
    SHARES = "shares"
    """Multiplied as volumes are."""
    RATIO = "ratio"
    """The price of symbol A in units of symbol B's."""
    INTERCEPT = "intercept"
    """α of ln A = α + β·ln B; β is the column `hedge_ratio`."""
    UNCHANGED = "unchanged"
    """A key, a count, a return, an index: the same on every basis."""


_KEYS = "symbol month session"
_OHLC = "open high low close mean_open mean_high mean_low mean_close vwap_close"
_MINUTES = ("1min", "5min", "15min", "30min")
_PAIR_MINUTES = (*_MINUTES, "65min")


def _each(stem: str, endings: tuple[str, ...]) -> str:
    return " ".join(f"{stem}_{ending}" for ending in endings)


# Columns between spaces, of each table all of them: a new column has to be put somewhere.
_COLUMNS: Mapping[str, Mapping[Quantity, str]] = {
    "daily": {
        Quantity.PRICE: _OHLC,
        Quantity.SHARES: "volume volume_all_phases",
        Quantity.UNCHANGED: f"{_KEYS} bar_count",
    },
    "hourly": {
        Quantity.PRICE: _OHLC,
        Quantity.SHARES: "volume",
        Quantity.UNCHANGED: f"{_KEYS} hour_start bar_count",
    },
    "moving_averages": {
        Quantity.PRICE: "close sma_20 sma_50 sma_200 ema_20 ema_50 ema_200",
        Quantity.UNCHANGED: f"{_KEYS} bar_start",
    },
    "returns": {
        Quantity.UNCHANGED: f"{_KEYS} bar_start simple_return log_return cumulative_return overnight_return",
    },
    "indicators": {
        Quantity.PRICE: "macd macd_signal macd_histogram atr_14 wma_20 bollinger_upper bollinger_lower vwap_session "
        "vwap_deviation running_mean_session",
        Quantity.SHARES: "obv_session",
        Quantity.UNCHANGED: f"{_KEYS} bar_start rsi_14 natr_14 adx_14 stochastic_k stochastic_d roc_10 mfi_14 "
        "bollinger_percent_b bollinger_bandwidth vwap_distance relative_volume",
    },
    "volatility": {
        Quantity.UNCHANGED: f"{_KEYS} bar_count return_count_5min {_each('realised_variance', _MINUTES)} "
        "realised_volatility overnight_return realised_variance_with_overnight bipower_variation jump_share "
        "up_semivariance down_semivariance parkinson garman_klass rogers_satchell skewness excess_kurtosis opening_gap "
        "gap_filled dollar_volume amihud_illiquidity",
    },
    # Of a month, on the basis of its last session.
    "seasonality": {
        Quantity.SHARES: "mean_volume mean_cumulative_volume",
        Quantity.UNCHANGED: "symbol month minute_of_session session_count volume_share mean_absolute_return",
    },
    "quality": {
        Quantity.UNCHANGED: f"{_KEYS} expected_minutes present_minutes missing_minutes quarantined_minutes "
        "repaired_minutes bar_count quarantined_bars last_bar_start provider fetched_at",
    },
    "pairs": {
        Quantity.RATIO: "ratio_mean ratio_last",
        Quantity.INTERCEPT: "hedge_intercept",
        Quantity.UNCHANGED: f"{_KEYS} symbol_a symbol_b matched_minutes unmatched_minutes_a unmatched_minutes_b "
        f"return_count_1min price_correlation {_each('correlation', _PAIR_MINUTES)} rank_correlation_1min "
        f"covariance_1min covariance_5min {_each('beta', _PAIR_MINUTES)} lead_lag_minutes lead_lag_correlation "
        "lead_lag_band return_a return_b excess_return hit_rate tracking_error hedge_ratio spread_zscore "
        "cointegration_statistic cointegration_pvalue half_life_minutes",
    },
}
QUANTITIES: Mapping[str, Mapping[str, Quantity]] = {
    table: {name: quantity for quantity, names in columns.items() for name in names.split()}
    for table, columns in _COLUMNS.items()
}
