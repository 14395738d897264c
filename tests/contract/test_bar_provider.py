"""What every provider of bars must do; one suite over all of them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pytest_django import Settings

from market.calendar import NEW_YORK, session_hours
from market.months import Month
from market.providers.alpha_vantage.client import Client
from market.providers.alpha_vantage.provider import AlphaVantage
from market.providers.base import EmptyError, ParsedReply, Provider
from market.providers.registry import get_provider
from market.providers.synthetic.provider import Synthetic
from tests.builders import UNLIMITED
from tests.servers import Vendor

MONTH = Month(2026, 9)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY = "a-key-that-must-not-show"


def synthetic(vendor: Vendor) -> Provider:
    return Synthetic()


def alpha_vantage(vendor: Vendor) -> Provider:
    return AlphaVantage(Client(f"{vendor.url}/query", KEY), UNLIMITED)


@pytest.fixture(params=[synthetic, alpha_vantage], ids=lambda make: make.__name__)
def provider(request: pytest.FixtureRequest, vendor: Vendor) -> Provider:
    make: Callable[[Vendor], Provider] = request.param
    return make(vendor)


@pytest.fixture
def parsed(provider: Provider) -> ParsedReply:
    return provider.parse(provider.fetch_month("AAPL", MONTH, NOW))


def test_the_reply_names_its_origin_and_not_the_key(provider: Provider) -> None:
    reply = provider.fetch_month("AAPL", MONTH, NOW)

    assert (reply.provider, reply.function, reply.symbol, reply.month) == (
        provider.name,
        provider.function,
        "AAPL",
        MONTH,
    )
    assert (reply.status, reply.fetched_at) == (200, NOW)
    assert KEY not in repr(reply)
    assert KEY not in repr(provider)


def test_bars_have_the_columns_and_types_that_the_lake_takes(parsed: ParsedReply) -> None:
    assert {field.name: str(field.type) for field in parsed.bars.schema} == {
        "bar_start": "timestamp[us, tz=UTC]",
        "open": "double",
        "high": "double",
        "low": "double",
        "close": "double",
        "volume": "int64",
    }


def starts_of(parsed: ParsedReply) -> list[Any]:
    return parsed.bars["bar_start"].to_pylist()


def test_bars_ascend_and_are_unique(parsed: ParsedReply) -> None:
    starts = starts_of(parsed)

    assert len(starts) > 15_000
    assert starts == sorted(set(starts))


def test_bars_are_named_by_the_start_of_their_minute_in_new_york(parsed: ParsedReply) -> None:
    starts = [start.astimezone(NEW_YORK) for start in starts_of(parsed)]

    assert {f"{start:%Y-%m}" for start in starts} == {str(MONTH)}
    assert (min(f"{start:%H:%M}" for start in starts), max(f"{start:%H:%M}" for start in starts)) == ("04:00", "19:59")


def test_extended_hours_and_the_auction_are_there(parsed: ParsedReply) -> None:
    hours = session_hours(date(2026, 9, 15))
    starts = set(starts_of(parsed))

    assert {hours.session_open, hours.session_close} <= starts
    assert any(hours.pre_open <= start < hours.session_open for start in starts)


def test_prices_are_positive_and_volumes_not_negative(parsed: ParsedReply) -> None:
    assert parsed.bars["low"].to_numpy().min() > 0
    assert parsed.bars["volume"].to_numpy().min() >= 0


def test_asking_again_gives_the_same_bars(provider: Provider, parsed: ParsedReply) -> None:
    assert provider.parse(provider.fetch_month("AAPL", MONTH, NOW)).bars == parsed.bars


def test_no_bars_are_an_error_and_not_an_empty_table(provider: Provider, vendor: Vendor) -> None:
    vendor.queue("empty_series")
    before_it_began = datetime(2026, 9, 1, tzinfo=UTC)

    with pytest.raises(EmptyError):
        provider.parse(provider.fetch_month("AAPL", MONTH, before_it_began))


def test_what_it_can_do_is_told(provider: Provider) -> None:
    capabilities = provider.capabilities

    assert capabilities.first_month <= MONTH
    assert capabilities.adjustment == "raw"
    assert provider.synthetic != capabilities.needs_key


def test_it_is_found_by_its_name(provider: Provider, settings: Settings) -> None:
    settings.ALPHA_VANTAGE_API_KEY = KEY

    assert isinstance(get_provider(provider.name), type(provider))
