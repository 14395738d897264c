"""Fixtures that every suite shares."""

import os
import signal
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest
from marked import may_have

pytest_plugins = ["tests.servers", "tests.vendors", "tests.dynamo", "tests.mailbox"]

# Read by the servers that tests start, with what those servers are told.
collect_ignore = ["web_settings.py"]

REPOSITORY = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI") == "true"

# How long one example takes on a crowded machine is not what the laws are about.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("ci" if IN_CI else "patient")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # So a shell starts what it does not wait for, and what tests start would take it over and not be interrupted.
    signal.signal(signal.SIGINT, signal.default_int_handler)

Report = pytest.TestReport | pytest.CollectReport


def _fail_if_skipped(report: Report) -> None:
    """In CI a skip is a failure: a missing Java, browser or data folder must not look like success."""
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, which CI does not allow: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_if_skipped(report)
    return report


def _refuse_hidden_markers(item: pytest.Item) -> None:
    for marker in ("slow", "spark", "real_limits", "browser"):
        if item.get_closest_marker(marker) and not may_have(item.path, marker):
            raise pytest.UsageError(f"{item.path} must name the marker {marker}, by which `make test` finds its tests.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that may take longest, so that all workers have something to do until the end."""
    longest: dict[Path, float] = {}
    for item in items:
        _refuse_hidden_markers(item)
        marker = item.get_closest_marker("timeout")
        longest[item.path] = max(longest.get(item.path, 0), float(marker.args[0]) if marker else 0)
    items.sort(key=lambda item: -longest[item.path])


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder with recorded vendor data; tests that use it carry the marker `realdata`."""
    folder = Path(os.environ.get("STOCKCOMPARE_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"recorded market data is not here ({folder}); set STOCKCOMPARE_SHARED to its parent")
    return folder
