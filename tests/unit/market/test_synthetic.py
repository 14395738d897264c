"""The made-up market."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from market.bars.build import Origin, build_bars
from market.calendar import NEW_YORK, Phase, session_hours, sessions_in_range
from market.months import Month
from market.providers.base import EmptyError
from market.providers.synthetic.provider import Synthetic

NOVEMBER = Month(2026, 11)
KNOWN_FIRST_LINE = "2026-10-01 04:00:00,208.3000,208.3400,208.2800,208.3100,781"
KNOWN_LAST_LINE = "2026-10-30 19:59:00,223.3000,223.3100,223.2200,223.2200,2159"
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def body(symbol: str = "AAPL", month: Month = NOVEMBER, now: datetime = LATER) -> bytes:
    return Synthetic().fetch_month(symbol, month, now).body


@cache
def bars(symbol: str = "AAPL", month: Month = NOVEMBER, now: datetime = LATER) -> Any:
    provider = Synthetic()
    parsed = provider.parse(provider.fetch_month(symbol, month, now))
    return build_bars(parsed.bars, Origin(symbol, month, provider.name, now))


def phase(table: Any, *phases: Phase) -> Any:
    return table.filter(pa.array([name in phases for name in table["phase"].to_pylist()]))


def closes(table: Any) -> dict[datetime, float]:
    regular = phase(table, Phase.REGULAR)
    return dict(zip(regular["bar_start"].to_pylist(), regular["close"].to_pylist(), strict=True))


def test_a_month_is_the_same_whenever_and_in_whatever_order_it_is_made() -> None:
    first = body()
    body("MSFT"), body(month=NOVEMBER.previous())

    assert body() == first


def test_known_bars_stay_as_they_are() -> None:
    """The lake of every user of the synthetic market holds these; a change needs a new model name."""
    lines = body(month=Month(2026, 10)).decode().split("\r\n")

    assert lines[1] == KNOWN_LAST_LINE
    assert lines[-2] == KNOWN_FIRST_LINE


def test_the_current_month_ends_with_the_last_minute_that_is_over() -> None:
    now = datetime(2026, 11, 25, 11, 0, 30, tzinfo=NEW_YORK)

    sofar, whole = bars(now=now), bars()

    assert sofar["bar_start"][-1].as_py() == datetime(2026, 11, 25, 10, 59, tzinfo=NEW_YORK)
    columns = ["bar_start", "open", "high", "low", "close", "volume"]
    assert sofar.select(columns) == whole.slice(0, sofar.num_rows).select(columns)


def test_before_the_first_minute_there_are_no_bars() -> None:
    with pytest.raises(EmptyError):
        bars(now=datetime(2026, 11, 1, tzinfo=UTC))


def test_sessions_and_half_days_are_those_of_the_exchange() -> None:
    table = phase(bars(), Phase.REGULAR)

    sessions = table["session"].to_pylist()
    assert sorted(set(sessions)) == sessions_in_range(date(2026, 11, 1), date(2026, 11, 30))
    assert 205 <= sessions.count(date(2026, 11, 27)) <= 210
    assert 385 <= sessions.count(date(2026, 11, 25)) <= 390


def test_each_session_has_its_opening_minute_and_its_auction() -> None:
    table = bars()
    starts = set(table["bar_start"].to_pylist())

    for session in sessions_in_range(date(2026, 11, 1), date(2026, 11, 30)):
        assert {session_hours(session).session_open, session_hours(session).session_close} <= starts


def test_some_minutes_are_missing_and_some_prints_are_bad() -> None:
    table = bars(month=Month(2026, 10))
    regular, thin = phase(table, Phase.REGULAR), phase(table, Phase.PRE, Phase.POST)

    assert 0 < 22 * 390 - regular.num_rows < 40
    assert thin.num_rows < 22 * 569
    assert {flag for flags in thin["flags"].to_pylist() for flag in flags} == {"bad_print"}
    assert not any(regular["flags"].to_pylist())


def test_prices_go_on_over_the_turn_of_a_month() -> None:
    october, november = closes(bars(month=NOVEMBER.previous())), closes(bars())

    last, first = list(october.values())[-1], next(iter(november.values()))
    assert abs(first / last - 1) < 0.06


@pytest.mark.parametrize(("symbol", "low", "high"), [("AAPL", 100, 600), ("MSFT", 200, 1200)])
def test_known_companies_have_prices_as_one_expects(symbol: str, low: float, high: float) -> None:
    assert low < min(closes(bars(symbol)).values()) < max(closes(bars(symbol)).values()) < high


@pytest.mark.parametrize("symbol", ["KO", "BRK.B", "X", "9999"])
@pytest.mark.parametrize("month", [Month(2000, 1), Month(2012, 6), NOVEMBER])
def test_any_symbol_has_plausible_prices_at_any_time(symbol: str, month: Month) -> None:
    prices = np.array(list(closes(bars(symbol, month)).values()))

    assert prices.min() > 1
    assert prices.max() < 5000
    assert np.abs(np.diff(np.log(prices))).max() < 0.15


def test_symbols_move_together_but_not_alike() -> None:
    apple, microsoft = closes(bars("AAPL")), closes(bars("MSFT"))
    shared = sorted(apple.keys() & microsoft.keys())
    moves = [np.diff(np.log([prices[start] for start in shared])) for prices in (apple, microsoft)]

    assert 0.3 < np.corrcoef(moves[0], moves[1])[0, 1] < 0.7


def test_the_day_is_u_shaped() -> None:
    table = phase(bars(month=Month(2026, 10)), Phase.REGULAR)
    hour = np.array([start.astimezone(NEW_YORK).hour for start in table["bar_start"].to_pylist()])
    volume = table["volume"].to_numpy()
    spread = table["high"].to_numpy() / table["low"].to_numpy() - 1

    for measure in (volume, spread):
        opening, noon, closing = (measure[hour == at].mean() for at in (9, 12, 15))
        assert opening > closing > noon


def test_the_auction_is_larger_than_any_minute_of_its_session() -> None:
    table = bars("MSFT")
    auctions = phase(table, Phase.AUCTION)

    assert auctions["volume"].to_numpy().min() > np.median(phase(table, Phase.REGULAR)["volume"].to_numpy()) * 3
