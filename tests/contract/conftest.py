"""The providers under contract, each with the stand-in that answers it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from market.limits import Account, Limits
from market.months import Month
from market.providers.alpha_vantage.client import Client
from market.providers.alpha_vantage.provider import AlphaVantage
from market.providers.base import Provider
from market.providers.files.columns import ColumnMap
from market.providers.files.provider import Files
from market.providers.files.scan import scan
from market.providers.synthetic.provider import Synthetic
from tests import paged_vendors
from tests.files_of_bars import alpha_vantage_csv, minutes
from tests.vendor_replies import FAILURE_BODIES
from tests.vendors import made_up_vendor

KEY = paged_vendors.KEY
# The end of summer time and a half day; and its begin.
MONTHS = (Month(2025, 11), Month(2025, 3))


class StandIn(Protocol):
    """A vendor on loopback."""

    def queue(self, *faults: str) -> None: ...


@dataclass
class Subject:
    """A provider and its stand-in; `vendor` is None for those that ask nobody."""

    provider: Provider
    vendor: StandIn | None = None


@contextmanager
def alpha_vantage(folder: Path) -> Iterator[Subject]:
    def provider(url: str, key: str) -> Provider:
        return AlphaVantage(Client(f"{url}/query", key), Account("alpha_vantage", "test", Limits()))

    with made_up_vendor({body.name: body.payload for body in FAILURE_BODIES}) as vendor:
        yield Subject(provider(vendor.url, KEY), vendor)


@contextmanager
def alpaca(folder: Path) -> Iterator[Subject]:
    with paged_vendors.alpaca_standin() as vendor:
        yield Subject(paged_vendors.make_alpaca(vendor.url), vendor)


@contextmanager
def massive(folder: Path) -> Iterator[Subject]:
    with paged_vendors.massive_standin() as vendor:
        yield Subject(paged_vendors.make_massive(vendor.url), vendor)


@contextmanager
def files(folder: Path) -> Iterator[Subject]:
    for month, late in zip(MONTHS, (0, 1), strict=True):
        bars = minutes("AAPL", month.first_date, month.last_date)
        (folder / f"AAPL_{month}.csv").write_bytes(alpha_vantage_csv(bars, late))
    yield Subject(Files(scan(folder, ColumnMap(), 64 << 20)))


@contextmanager
def synthetic(folder: Path) -> Iterator[Subject]:
    yield Subject(Synthetic())


NETWORKED = (alpha_vantage, alpaca, massive)
ALL = (*NETWORKED, files, synthetic)


@pytest.fixture(autouse=True)
def no_fault_is_left(request: pytest.FixtureRequest) -> None:
    """Forget the faults that a test did not use up, since the stand-ins outlive it."""
    if "subject" in request.fixturenames:
        subject = request.getfixturevalue("subject")
        if subject.vendor:
            subject.vendor.queue()


@pytest.fixture(scope="module")
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    with request.param(tmp_path_factory.mktemp("contract")) as made:
        yield made
