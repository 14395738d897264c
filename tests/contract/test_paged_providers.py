"""What providers that answer in pages must do beside the contract."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from market.calendar import session_hours
from market.months import Month
from market.providers.base import (
    EmptyError,
    FatalError,
    PermanentError,
    Provider,
    ProviderError,
    ReplyKind,
    RetryableError,
)
from market.providers.massive.client import next_page
from tests import paged_vendors
from tests.contract.test_bar_provider import NOW, true_bars
from tests.paged_vendors import KEY, PagedVendor

MONTH = Month(2026, 9)


@pytest.fixture
def alpaca() -> Iterator[PagedVendor]:
    with paged_vendors.alpaca_standin() as vendor:
        yield vendor


@pytest.fixture
def massive() -> Iterator[PagedVendor]:
    with paged_vendors.massive_standin() as vendor:
        yield vendor


@pytest.fixture(params=["alpaca", "massive"])
def both(request: pytest.FixtureRequest) -> tuple[Provider, PagedVendor]:
    vendor: PagedVendor = request.getfixturevalue(request.param)
    make = paged_vendors.make_alpaca if request.param == "alpaca" else paged_vendors.make_massive
    return make(vendor.url), vendor


def bars(provider: Provider, month: Month = MONTH, now: datetime = NOW) -> pa.Table:
    return provider.parse(provider.fetch_month("AAPL", month, now)).bars


def test_all_pages_are_fetched_and_counted(both: tuple[Provider, PagedVendor]) -> None:
    provider, vendor = both
    vendor.page_size = 4000

    reply = provider.fetch_month("AAPL", MONTH, NOW)

    assert provider.parse(reply).bars == true_bars(MONTH)
    assert reply.request["pages"] == str(len(vendor.calls))
    assert len(vendor.calls) > 3
    # The page that names the next one may carry the key in its address; what is kept does not.
    assert KEY.encode() not in reply.body


@pytest.mark.parametrize("fault", ["throttle", "http_500", "half", "bad_key", "truncate"])
def test_a_page_that_fails_fails_the_month(both: tuple[Provider, PagedVendor], fault: str) -> None:
    provider, vendor = both
    vendor.page_size = 4000
    vendor.queue("ok", "ok", fault)

    with pytest.raises((RetryableError, FatalError)):
        bars(provider)


def test_a_chain_without_end_is_given_up(both: tuple[Provider, PagedVendor]) -> None:
    provider, vendor = both
    vendor.page_size = 100

    with pytest.raises(ProviderError, match="more than 12 pages"):
        bars(provider)


@pytest.mark.parametrize("fault", ["a_wrong_type", "a_missing_value", "a_huge_number"])
def test_values_that_no_bar_has_are_refused(both: tuple[Provider, PagedVendor], fault: str) -> None:
    provider, vendor = both
    vendor.queue(fault)

    with pytest.raises(PermanentError, match="value is"):
        bars(provider)


def test_alpaca_is_asked_for_the_whole_market_as_traded(alpaca: PagedVendor) -> None:
    bars(paged_vendors.make_alpaca(alpaca.url))

    assert {name: alpaca.calls[0][name] for name in ("feed", "adjustment", "timeframe", "start", "end")} == {
        "feed": "sip",
        "adjustment": "raw",
        "timeframe": "1Min",
        "start": "2026-09-01T08:00:00Z",
        "end": "2026-09-30T23:59:00Z",
    }


def test_alpaca_is_not_asked_for_the_last_minutes(alpaca: PagedVendor) -> None:
    now = session_hours(datetime(2026, 9, 15, tzinfo=UTC).date()).session_open + timedelta(hours=1)

    found = bars(paged_vendors.make_alpaca(alpaca.url), now=now)

    assert found["bar_start"].to_pylist()[-1] == now - timedelta(minutes=20)


def test_a_month_too_young_for_alpaca_is_empty_without_a_request(alpaca: PagedVendor) -> None:
    now = session_hours(datetime(2026, 9, 1, tzinfo=UTC).date()).pre_open + timedelta(minutes=10)

    with pytest.raises(EmptyError, match="20 minutes old"):
        bars(paged_vendors.make_alpaca(alpaca.url), now=now)
    assert alpaca.calls == []


def test_massive_is_asked_at_the_configured_host_only(massive: PagedVendor) -> None:
    massive.page_size = 9000

    bars(paged_vendors.make_massive(massive.url))

    # The stand-in names another host in `next_url`, and the key; the second page came from it all the same.
    assert [call.get("cursor") for call in massive.calls] == [None, "9000", "18000"]
    assert all("apiKey" not in call for call in massive.calls)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://api.massive.com/v2/aggs?cursor=a%3D&limit=5", ("/v2/aggs", {"cursor": "a=", "limit": "5"})),
        ("https://evil.example/v2/aggs?apiKey=K&cursor=b", ("/v2/aggs", {"cursor": "b"})),
        ("/v2/aggs?api_key=K", ("/v2/aggs", {})),
        ("", ("", {})),
    ],
)
def test_the_next_page_is_a_path_without_host_and_key(address: str, expected: tuple[str, dict[str, str]]) -> None:
    assert next_page(address) == expected


def test_a_month_beyond_the_plan_concerns_that_month_only(massive: PagedVendor) -> None:
    massive.queue("paywall")

    with pytest.raises(ProviderError) as raised:
        bars(paged_vendors.make_massive(massive.url))

    assert raised.value.kind is ReplyKind.PAYWALL
    assert not isinstance(raised.value, FatalError | PermanentError)
