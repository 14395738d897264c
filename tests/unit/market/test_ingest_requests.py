"""Reading what a person asks for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from market.calendar import NEW_YORK
from market.ingest import FetchRequest, Period, RequestInvalid, read_request
from market.months import Month
from market.providers.alpha_vantage.client import Client
from market.providers.alpha_vantage.provider import AlphaVantage
from market.providers.base import Provider
from market.providers.synthetic.provider import Synthetic
from tests.builders import UNLIMITED

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
REAL = AlphaVantage(Client("http://127.0.0.1:1/query", "k"), UNLIMITED)


def read(*symbols: str, provider: Provider = REAL, now: datetime = NOW, **period: Any) -> FetchRequest:
    return read_request(symbols or ("AAPL",), Period(**period), provider=provider, now=now)


def months(*texts: str) -> tuple[Month, ...]:
    return tuple(Month.parse(text) for text in texts)


def test_symbols_may_be_words_or_a_list_with_commas() -> None:
    assert read("aapl,msft", " brk-b", "AAPL").symbols == ("AAPL", "MSFT", "BRK.B")


def test_months_may_be_words_or_a_list_with_commas() -> None:
    assert read(months=["2018-03,2018-02", "2018-03"]).months == months("2018-02", "2018-03")


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2018-02", "2018-04", ("2018-02", "2018-03", "2018-04")),
        ("2018-02-28", "2018-03-01", ("2018-02", "2018-03")),
        ("2018-02-03", "2018-02", ("2018-02",)),
        ("2026-10", None, ("2026-10", "2026-11")),
        ("2026-11-24", None, ("2026-11",)),
    ],
)
def test_a_range_covers_its_months(first: str, last: str | None, expected: tuple[str, ...]) -> None:
    assert read(first=first, last=last).months == months(*expected)


def test_by_default_real_bars_are_fetched_for_two_months_and_made_up_ones_for_six() -> None:
    assert read().months == months("2026-10", "2026-11")
    assert read(provider=Synthetic()).months == months("2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11")


def test_the_current_month_is_new_yorks() -> None:
    evening = datetime(2026, 11, 30, 20, tzinfo=NEW_YORK)

    assert read(now=evening).months[-1] == Month(2026, 11)


@pytest.mark.parametrize(
    ("period", "message"),
    [
        ({"months": ["2018"]}, "--months: '2018' is not a month; write it like 2026-10"),
        ({"months": ["2018-13"]}, "--months: '2018-13' is not a month"),
        ({"months": ["2026-12"]}, "2026-12 is in the future"),
        ({"months": ["1999-12"]}, "1999-12 is too early"),
        ({"months": ["2018-02"], "first": "2018-02"}, "leave out --from and --to"),
        ({"first": "2018-03", "last": "2018-02"}, "--from: 2018-03 is after --to 2018-02"),
        ({"first": "2018-03-09", "last": "2018-03-01"}, "--from: 2018-03-09 is after"),
        ({"first": "2026-12"}, "2026-12 is in the future"),
        ({"first": "2018-02-30"}, "--from: '2018-02-30' is not a date"),
        ({"first": "yesterday"}, "--from: 'yesterday' is not a month"),
        ({"last": "2018-03"}, "--to: needs --from"),
    ],
)
def test_a_period_that_cannot_be_is_refused_with_its_argument(period: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        read(**period)

    assert message in str(refused.value)


@pytest.mark.parametrize("symbol", ["", "AAPL MSFT", "../etc", "ÄÖ", "TOOLONGNAME", "A%2FB", "'; DROP", "\x00"])
def test_odd_symbols_are_refused(symbol: str) -> None:
    with pytest.raises(RequestInvalid, match="--symbols"):
        read(symbol)


def test_a_calendar_that_has_ended_says_so() -> None:
    with pytest.raises(RequestInvalid, match="update StockCompare"):
        read(now=datetime(2032, 1, 2, 12, tzinfo=UTC))
