"""A lake of its own for each test, and the command that fills it."""

import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from market.lake.location import Lake, configured_lake
from tests.fetching import KEY, Fetch, fetch_process, finished, run_command
from tests.vendors import Vendor


@pytest.fixture
def lake(tmp_path: Path, settings: Settings, db: None) -> Lake:
    """Configure an empty lake of files and return it."""
    folder = tmp_path / "lake"
    settings.LAKE_URL = f"file://{folder}"
    storage = {"BACKEND": "market.lake.storage.AtomicFileSystemStorage", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "lake": storage}
    return configured_lake()


@pytest.fixture
def fetch(lake: Lake, vendor: Vendor, settings: Settings) -> Fetch:
    """Return the command in this process, without its waits, asking the vendor of made-up bars."""
    settings.ALPHA_VANTAGE_URL = vendor.url
    settings.ALPHA_VANTAGE_API_KEY = KEY
    return run_command


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake of two symbols and two months as `fetch_prices` leaves it; tests work on copies."""
    folder = tmp_path_factory.mktemp("fetched") / "lake"
    cells = ("--symbols", "AAPL", "MSFT", "--months", "2026-08", "2026-09")
    assert finished(fetch_process(f"file://{folder}", None, "--provider", "synthetic", *cells)).code == 0
    return folder


@pytest.fixture
def filled(lake: Lake, fetched: Path) -> Lake:
    shutil.copytree(fetched, lake.storage.path(""), dirs_exist_ok=True)
    return lake
