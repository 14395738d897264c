"""`fetch_prices` from the providers that answer in pages: bars in the table, and the key nowhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from market.lake.location import Lake
from tests import paged_vendors
from tests.fetching import Fetch, everything_written, manifests, rows
from tests.paged_vendors import KEY, SECRET, PagedVendor

CELL = ("--symbols", "AAPL", "--months", "2026-09")


@pytest.fixture(params=["alpaca", "massive"])
def paged(request: pytest.FixtureRequest, settings: Settings) -> Iterator[tuple[str, PagedVendor]]:
    """Configure a provider with its stand-in; give its name and the stand-in."""
    standin = paged_vendors.alpaca_standin if request.param == "alpaca" else paged_vendors.massive_standin
    settings.ALPACA_API_KEY_ID = settings.MASSIVE_API_KEY = KEY
    settings.ALPACA_API_SECRET_KEY = SECRET
    settings.REQUEST_LIMITS = {}
    with standin() as vendor:
        settings.ALPACA_URL = settings.MASSIVE_URL = vendor.url
        yield request.param, vendor


def test_bars_come_into_the_table_past_refusals_and_the_key_is_nowhere(
    lake: Lake, fetch: Fetch, paged: tuple[str, PagedVendor], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name, vendor = paged
    vendor.page_size = 5000
    vendor.queue("throttle", "ok", "http_500", "ok", "truncate")

    ran = fetch("--provider", name, *CELL)

    assert ran.code == 0, ran.output
    assert set(rows(lake)["provider"].to_pylist()) == {name}
    (manifest,) = manifests(tmp_path / "lake", outcome="ok")
    assert manifest["label"] == f"start (stated by {name})"
    assert manifest["request"]["pages"] == str(last_pages(vendor))
    written = everything_written(tmp_path)
    for secret in (KEY, SECRET):
        assert secret.encode() not in written
        assert secret not in ran.output + caplog.text


def last_pages(vendor: PagedVendor) -> int:
    """Count the calls from the last one that asked for a first page."""
    first = [number for number, call in enumerate(vendor.calls) if not {"cursor", "page_token"} & set(call)]
    return len(vendor.calls) - first[-1]


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [("bad_key", 1, "does not know this key"), ("paywall", 1, "plan of this key"), ("empty_series", 1, "has no bars")],
)
def test_a_refusal_ends_with_its_sentence_and_no_bars(
    lake: Lake, fetch: Fetch, paged: tuple[str, PagedVendor], fault: str, code: int, message: str
) -> None:
    name, vendor = paged
    vendor.queue(fault)

    ran = fetch("--provider", name, *CELL)

    assert (ran.code, message in ran.output) == (code, True), ran.output
    assert rows(lake).num_rows == 0


def test_without_a_key_it_says_where_to_get_one(
    fetch: Fetch, paged: tuple[str, PagedVendor], settings: Settings
) -> None:
    settings.ALPACA_API_KEY_ID = settings.MASSIVE_API_KEY = ""

    ran = fetch("--provider", paged[0], *CELL)

    assert (ran.code, "needs a key" in ran.output, "in .env" in ran.output) == (2, True, True)
