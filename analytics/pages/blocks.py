"""Which measures the pages of figures show, in which order, under which headings, and how each is written."""

from collections.abc import Callable

from analytics.pages.measured import Block, Line, Write
from analytics.queries.figures import NO_BREAK_SPACE, millions, percent, points, price, probability, share


def number(value: float) -> str:
    """
    >>> number(-0.001)
    '0.00'
    """
    return price(round(value, 2) + 0.0)


def _in_points(value: float) -> str:
    return f"{points(value)}{NO_BREAK_SPACE}points"


def _minutes(value: float) -> str:
    return f"{price(value, 0)}{NO_BREAK_SPACE}min"


def _per_billion(value: float) -> str:
    return f"{share(value * 1e9)} a billion"


def _line(write: Write) -> Callable[[str, str], Line]:
    return lambda column, label: Line(column, label, write)


_share, _number, _minute = _line(share), _line(number), _line(_minutes)


def _change(column: str, label: str) -> Line:
    return Line(column, label, percent, is_change=True)


MAIN_BLOCKS = (
    Block(
        "Gain and fall",
        (_change("cumulative_return", "Cumulative return"), _change("maximum_drawdown", "Maximum drawdown")),
    ),
    Block(
        "Risk, as of a year",
        (
            _share("volatility", "Volatility"),
            _number("sharpe_ratio", "Sharpe ratio"),
            _number("sortino_ratio", "Sortino ratio"),
        ),
    ),
    Block(
        "Bad sessions",
        (
            _change("value_at_risk_95", "Value at risk, 95\u00a0%"),
            _change("conditional_value_at_risk_95", "Conditional value at risk, 95\u00a0%"),
            _number("skewness", "Skewness"),
            _number("excess_kurtosis", "Excess kurtosis"),
        ),
    ),
    Block(
        "Of a whole year",
        (
            _change("annual_return", "Annual return"),
            _number("calmar_ratio", "Calmar ratio"),
            _number("omega_ratio", "Omega ratio"),
        ),
    ),
    Block(
        "Day and night",
        (_change("intraday_return", "From open to close"), _change("overnight_return", "Over the nights")),
    ),
)

MORE_BLOCKS = (
    Block(
        "Volatility by other measures",
        (
            _share("realised_volatility", "Realised, 5 minutes"),
            _share("parkinson_volatility", "Parkinson"),
            _share("garman_klass_volatility", "Garman–Klass"),
            _share("rogers_satchell_volatility", "Rogers–Satchell"),
            _share("yang_zhang_volatility", "Yang–Zhang"),
        ),
    ),
    Block(
        "Trading",
        (
            Line("mean_dollar_volume", "Dollar volume a session", millions),
            Line("amihud_illiquidity", "Amihud illiquidity", _per_billion),
        ),
    ),
)

RELATIVE_BLOCKS = (
    Block("Ahead or behind", (Line("excess_return", "Excess return", _in_points, is_change=True),)),
    Block(
        "Moving together",
        (
            _number("correlation", "Correlation"),
            _number("beta", "Beta"),
            _change("alpha", "Alpha, a year"),
            _number("r_squared", "R²"),
        ),
    ),
    Block("Capture", (_number("up_capture", "Up capture"), _number("down_capture", "Down capture"))),
    Block(
        "Tracking",
        (
            _share("hit_rate", "Sessions ahead"),
            _change("tracking_difference", "Tracking difference, a year"),
            _share("tracking_error", "Tracking error, a year"),
            _number("information_ratio", "Information ratio"),
        ),
    ),
)

DIFFERENCE_BLOCK = Block(
    "Is the difference real?",
    (
        _change("mean", "Mean difference of a session"),
        _change("low", "95 % interval, low end"),
        _change("high", "95 % interval, high end"),
    ),
)


def moving_blocks(first: str, second: str) -> tuple[Block, ...]:
    """Return the measures of how two symbols move from minute to minute."""
    return (
        Block(
            "Minute by minute",
            (
                _number("rank_correlation_1min", "Rank correlation"),
                _share("hit_rate", f"Minutes in which {first} did better"),
                _share("tracking_error", "Tracking error, a year"),
            ),
        ),
        Block(
            "Who moves first",
            (
                _minute("lead_lag_minutes", f"Lead of {second}"),
                _number("lead_lag_correlation", "Correlation at that lead"),
                _number("lead_lag_band", "Band of chance, ±"),
            ),
        ),
    )


SPREAD_BLOCKS = (
    Block("Ratio", (Line("ratio_last", "Last price ratio", lambda value: price(value, 4)),)),
    Block(
        "Spread",
        (
            Line("hedge_ratio", "Hedge ratio", lambda value: price(value, 3)),
            Line("hedge_intercept", "Hedge intercept", lambda value: price(value, 3)),
            _number("spread_zscore", "Spread z-score"),
            _minute("half_life_minutes", "Half-life of the spread"),
            _number("cointegration_statistic", "Cointegration, t"),
            Line("cointegration_pvalue", "Cointegration, p", probability),
        ),
    ),
)
