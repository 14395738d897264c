"""What every provider of bars must do; one suite over all of them."""

import traceback
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
from pytest_django import Settings

from market.calendar import session_hours
from market.months import Month
from market.providers.base import (
    EmptyError,
    FatalError,
    PermanentError,
    ProviderError,
    RetryableError,
    UnreadableError,
)
from market.providers.registry import get_provider, get_reader
from market.providers.synthetic.provider import Synthetic
from tests.contract.conftest import ALL, KEY, MONTHS, NETWORKED, Subject
from tests.paged_vendors import SECRET

MONTH = MONTHS[0]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

every_provider = pytest.mark.parametrize("subject", ALL, indirect=True, ids=lambda make: make.__name__)
every_networked = pytest.mark.parametrize("subject", NETWORKED, indirect=True, ids=lambda make: make.__name__)


def bars_of(subject: Subject, month: Month = MONTH, *faults: str) -> pa.Table:
    if subject.vendor:
        subject.vendor.queue(*faults)
    return subject.provider.parse(subject.provider.fetch_month("AAPL", month, NOW)).bars


@cache
def true_bars(month: Month) -> pa.Table:
    provider = Synthetic()
    return provider.parse(provider.fetch_month("AAPL", month, NOW)).bars


@every_provider
@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_a_month_is_complete_and_each_bar_is_where_it_was(subject: Subject, month: Month) -> None:
    # Months of both changes of the clock, with a half day: label, zone and order are right or nothing is.
    assert bars_of(subject, month) == true_bars(month)


@every_provider
def test_bars_have_the_columns_and_types_that_the_lake_takes(subject: Subject) -> None:
    assert {field.name: str(field.type) for field in bars_of(subject).schema} == {
        "bar_start": "timestamp[us, tz=UTC]",
        "open": "double",
        "high": "double",
        "low": "double",
        "close": "double",
        "volume": "int64",
    }


@every_provider
def test_extended_hours_the_auction_and_the_early_end_of_a_half_day_are_there(subject: Subject) -> None:
    starts: set[Any] = set(bars_of(subject)["bar_start"].to_pylist())

    for session in (date(2025, 11, 3), date(2025, 11, 28)):
        hours = session_hours(session)
        assert {hours.session_open, hours.session_close} <= starts
        assert any(hours.pre_open <= start < hours.session_open for start in starts)
    assert max(starts) < session_hours(date(2025, 11, 28)).post_close


@every_provider
def test_the_reply_names_its_origin_and_not_the_key(subject: Subject) -> None:
    provider = subject.provider
    reply = provider.fetch_month("AAPL", MONTH, NOW)

    assert (reply.provider, reply.function) == (provider.name, provider.function)
    assert (reply.symbol, reply.month, reply.status, reply.fetched_at) == ("AAPL", MONTH, 200, NOW)
    for secret in (KEY, SECRET):
        assert secret not in repr(reply)
        assert secret not in repr(provider)


@every_provider
def test_a_kept_reply_is_read_alike_without_key_and_network(subject: Subject) -> None:
    reply = subject.provider.fetch_month("AAPL", MONTH, NOW)

    assert get_reader(subject.provider.name)(reply) == subject.provider.parse(reply)


@every_provider
def test_the_label_is_told_with_how_it_is_known(subject: Subject) -> None:
    label = subject.provider.parse(subject.provider.fetch_month("AAPL", MONTH, NOW)).label

    assert label.partition(" ")[0] in ("start", "end")


@every_provider
def test_what_it_can_do_is_told(subject: Subject) -> None:
    capabilities = subject.provider.capabilities

    assert capabilities.adjustment == "raw"
    assert subject.provider.offers("AAPL", MONTH)
    assert not subject.provider.offers("AAPL", Month(1999, 12))
    assert (subject.vendor is not None) == capabilities.needs_key == (subject.provider.account is not None)
    assert capabilities.licence.endswith(".")


@every_networked
@pytest.mark.parametrize("fault", ["gzip", "duplicates", "shuffled"])
def test_packing_repeats_and_order_change_nothing(subject: Subject, fault: str) -> None:
    true = true_bars(MONTH)

    assert bars_of(subject, MONTH, fault).select(true.column_names) == true


FAILURES: tuple[tuple[str, type[ProviderError] | tuple[type[ProviderError], ...]], ...] = (
    ("empty_series", EmptyError),
    ("unknown_symbol", PermanentError),
    ("bad_key", FatalError),
    ("paywall", (FatalError, UnreadableError)),
    ("throttle", RetryableError),
    ("http_500", RetryableError),
    ("http_503_html", RetryableError),
    ("drop", RetryableError),
    ("truncate", RetryableError),
    ("html", RetryableError),
    ("contradiction", PermanentError),
    ("new_text", PermanentError),
)


@every_networked
@pytest.mark.parametrize(("fault", "error"), FAILURES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_failure_is_typed_says_what_to_do_and_holds_no_key(
    subject: Subject, fault: str, error: type[ProviderError], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(error) as raised:
        bars_of(subject, MONTH, fault)

    told = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert str(raised.value).endswith(".")
    assert KEY not in told
    assert SECRET not in told


@every_networked
def test_an_answer_that_does_not_come_is_given_up(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("market.providers.http.client.READ_SECONDS", 0.05)

    with pytest.raises(RetryableError, match="No answer within"):
        bars_of(subject, MONTH, "slow:1")


@every_networked
def test_a_reply_without_end_is_cut_off(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("market.providers.http.client.MAX_BODY_BYTES", 1000)

    with pytest.raises(ProviderError, match="longer than"):
        bars_of(subject)


@every_provider
def test_no_bars_are_an_error_and_not_an_empty_table(subject: Subject) -> None:
    before_it_began = datetime(2025, 11, 1, tzinfo=UTC)
    if subject.vendor:
        subject.vendor.queue("empty_series")
    month = Month(2025, 10) if subject.provider.name == "files" else MONTH

    with pytest.raises(EmptyError):
        subject.provider.parse(subject.provider.fetch_month("AAPL", month, before_it_began))


@every_provider
def test_it_is_found_by_its_name(subject: Subject, settings: Settings, tmp_path: object) -> None:
    from market.providers.registry import Stated

    for name in ("ALPHA_VANTAGE_API_KEY", "ALPACA_API_KEY_ID", "ALPACA_API_SECRET_KEY", "MASSIVE_API_KEY"):
        setattr(settings, name, KEY)

    found = get_provider(subject.provider.name, stated=Stated(path=str(tmp_path)))

    assert isinstance(found, type(subject.provider))
