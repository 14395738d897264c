"""The fifty measures that this product promises, by number, and the columns or figures that hold them."""

from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Promise:
    """A measure as it was promised; `note` says where it departs from its usual form."""

    number: int
    name: str
    places: tuple[Place, ...]
    note: str = ""


def _promise(number: int, name: str, *places: str, note: str = "") -> Promise:
    split = (place.split(".") for place in places)
    return Promise(number, name, tuple((table, column) for table, column in split), note)


PROMISES: Sequence[Promise] = (
    _promise(1, "Daily average", "daily.mean_close", "daily.vwap_close"),
    _promise(2, "Hourly average", "hourly.mean_close"),
    _promise(3, "Hourly maximum and minimum", "hourly.high", "hourly.low"),
    _promise(
        4,
        "Daily volume",
        "daily.volume",
        "daily.volume_all_phases",
        note="Without the closing auction and with it; the official figure is the exchange's, not ours.",
    ),
    _promise(5, "Simple moving average", "moving_averages.sma_20"),
    _promise(
        6,
        "Running mean",
        "indicators.running_mean_session",
        note="Since the open: since the first bar ever it would say nothing.",
    ),
    _promise(7, "Simple and log return", "returns.simple_return", "returns.log_return"),
    _promise(8, "Cumulative return from a base", "compare.cumulative_return", "statistics.cumulative_return"),
    _promise(9, "Index 100", "pair_series.rebased_a"),
    _promise(
        10,
        "Overnight and intraday split",
        "returns.overnight_return",
        "returns.cumulative_return",
        "statistics.overnight_return",
        "statistics.intraday_return",
    ),
    _promise(11, "Opening gap and whether it filled", "volatility.opening_gap", "volatility.gap_filled"),
    _promise(12, "Relative strength", "pair_series.relative_strength", "pairs.ratio_last"),
    _promise(13, "Excess return and hit rate", "pairs.excess_return", "pairs.hit_rate", "relative.excess_return"),
    _promise(14, "Interval of the difference", "difference.low", "difference.high"),
    _promise(15, "Best and worst periods", "periods.best_session", "periods.worst_month"),
    _promise(16, "Exponential moving average", "moving_averages.ema_20"),
    _promise(17, "Weighted moving average", "indicators.wma_20"),
    _promise(
        18,
        "Bollinger bands",
        "indicators.bollinger_upper",
        "indicators.bollinger_percent_b",
        "indicators.bollinger_bandwidth",
    ),
    _promise(19, "Relative strength index", "indicators.rsi_14"),
    _promise(20, "MACD", "indicators.macd", "indicators.macd_signal", "indicators.macd_histogram"),
    _promise(
        21,
        "Average true range",
        "indicators.atr_14",
        "indicators.natr_14",
        note="The first bar of a session includes the night.",
    ),
    _promise(
        22,
        "Stochastic, ROC, ADX, OBV, MFI",
        "indicators.stochastic_k",
        "indicators.roc_10",
        "indicators.adx_14",
        "indicators.obv_session",
        "indicators.mfi_14",
        note="On-balance volume begins anew at each open.",
    ),
    _promise(23, "Session VWAP", "indicators.vwap_session"),
    _promise(24, "VWAP bands and distance", "indicators.vwap_deviation", "indicators.vwap_distance"),
    _promise(25, "Relative volume", "indicators.relative_volume"),
    _promise(26, "Intraday seasonality", "seasonality.mean_absolute_return", "seasonality.volume_share"),
    _promise(27, "Volume profile", "volume_profile.bins", "volume_profile.point_of_control"),
    _promise(28, "Dollar volume, Amihud", "volatility.dollar_volume", "statistics.amihud_illiquidity"),
    _promise(29, "Realised variance", "volatility.realised_variance_5min", "statistics.realised_volatility"),
    _promise(30, "Realised variance with the night", "volatility.realised_variance_with_overnight"),
    _promise(31, "Bipower variation and jump share", "volatility.bipower_variation", "volatility.jump_share"),
    _promise(32, "Semivariances", "volatility.up_semivariance", "volatility.down_semivariance"),
    _promise(33, "Parkinson", "volatility.parkinson", "statistics.parkinson_volatility"),
    _promise(34, "Garman–Klass", "volatility.garman_klass", "statistics.garman_klass_volatility"),
    _promise(35, "Rogers–Satchell, Yang–Zhang", "volatility.rogers_satchell", "statistics.yang_zhang_volatility"),
    _promise(36, "Volatility signature", "volatility.realised_variance_1min", "volatility.realised_variance_30min"),
    _promise(
        37,
        "Skew, kurtosis, VaR, CVaR",
        "statistics.skewness",
        "statistics.excess_kurtosis",
        "statistics.value_at_risk_95",
        "statistics.conditional_value_at_risk_95",
    ),
    _promise(38, "Sharpe ratio", "statistics.sharpe_ratio"),
    _promise(39, "Sortino ratio", "statistics.sortino_ratio"),
    _promise(40, "Maximum drawdown", "statistics.maximum_drawdown"),
    _promise(41, "Calmar and Omega", "statistics.calmar_ratio", "statistics.omega_ratio"),
    _promise(
        42,
        "Correlation, rolling correlation",
        "pairs.rank_correlation_1min",
        "pair_series.rolling_correlation",
        "pair.correlation_1min",
    ),
    _promise(43, "Correlation by interval", "pairs.correlation_1min", "pairs.correlation_65min"),
    _promise(44, "Realised covariance and beta", "pairs.covariance_5min", "pairs.beta_5min"),
    _promise(
        45, "Alpha, beta, R², capture", "relative.alpha", "relative.beta", "relative.r_squared", "relative.up_capture"
    ),
    _promise(46, "Lead and lag", "pairs.lead_lag_minutes", "pair.lead_lag_band"),
    _promise(
        47, "Hedge ratio and spread z-score", "pairs.hedge_ratio", "pairs.spread_zscore", "pair_series.spread_zscore"
    ),
    _promise(48, "Cointegration", "pairs.cointegration_pvalue", "pair.cointegration_pvalue"),
    _promise(49, "Half-life of the spread", "pairs.half_life_minutes", "pair.half_life_minutes"),
    _promise(
        50,
        "Tracking difference and error",
        "relative.tracking_difference",
        "relative.tracking_error",
        "pairs.tracking_error",
    ),
)
