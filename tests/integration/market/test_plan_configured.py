"""The months of the configured symbols come into the plan by themselves, once, through the scheduled task."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import create_autospec

import pytest
import time_machine
from django.core.management import call_command
from pytest_django import Settings

from market.lake.location import Lake
from market.limits import Limits
from market.models import BackfillCell, CellState
from stockcompare import tasks, work
from stockcompare.models import JobRun
from tests.fetching import KEY
from tests.vendors import SmallVendor, small_vendor

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 11, 24, 6, tzinfo=UTC)


@pytest.fixture
def vendor(settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallVendor]:
    with small_vendor() as vendor:
        settings.ALPHA_VANTAGE_URL, settings.ALPHA_VANTAGE_API_KEY = vendor.url, KEY
        settings.PRICES_PROVIDER, settings.PRICES_SYMBOLS = "alpha_vantage", ["AAPL", "MSFT"]
        settings.REQUEST_LIMITS, settings.BACKFILL_MONTHS = {"alpha_vantage": Limits(per_day=20)}, 3
        monkeypatch.setattr(work, "facts_can_be_asked", create_autospec(work.facts_can_be_asked, return_value=False))
        yield vendor


@pytest.fixture
def no_budget(settings: Settings, vendor: SmallVendor) -> None:
    """Leave what is planned at that."""
    settings.REQUEST_LIMITS = {"alpha_vantage": Limits(per_day=0)}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEGIN, tick=False) as clock:
        yield clock


def cells(**only: object) -> list[str]:
    return [str(cell) for cell in BackfillCell.objects.filter(**only)]


def said(*command: str) -> str:
    output = io.StringIO()
    call_command(*command, stdout=output)
    return output.getvalue()


def test_the_months_before_the_newest_are_fetched_within_the_days_budget(
    vendor: SmallVendor, settings: Settings, clock: time_machine.Traveller
) -> None:
    # As at a start with a key of one's own: the newest months, then the worker.
    call_command("fetch_prices", months=["2026-11"], stdout=io.StringIO())
    settings.REQUEST_LIMITS = {"alpha_vantage": Limits(per_day=5)}

    tasks.backfill_when_due()

    newest = ["AAPL 2026-11", "MSFT 2026-11"]
    assert vendor.cells == [*newest, "AAPL 2026-10"]
    assert cells(state=CellState.PLANNED) == ["MSFT 2026-10", "AAPL 2026-09", "MSFT 2026-09"]
    assert "3 symbol-months are still to be fetched: 3 requests to alpha_vantage" in said("backfill", "status")

    clock.shift(timedelta(days=1))
    tasks.backfill_when_due()
    clock.shift(timedelta(days=1))
    tasks.backfill_when_due()

    older = [f"{symbol} {month}" for month in ("2026-10", "2026-09") for symbol in ("AAPL", "MSFT")]
    assert vendor.cells == [*newest, *older]
    assert said("symbols", "list").splitlines() == [
        f"{name:<8}  3 of 3 months of the plan fetched" for name in ("AAPL", "MSFT")
    ]
    told = said("fetch_prices", "--dry-run", "--months", "2026-09", "2026-10")
    assert told.startswith("no requests to alpha_vantage; 4 symbol-months are final")


def test_nothing_more_is_planned_again_or_in_a_later_month(vendor: SmallVendor, clock: time_machine.Traveller) -> None:
    tasks.backfill_when_due()
    assert len(vendor.log) == len(cells(state=CellState.DONE)) == 6

    for _ in range(2):
        clock.shift(timedelta(days=16))
        tasks.backfill_when_due()

    assert len(vendor.log) == len(cells()) == 6
    assert JobRun.objects.count() == 1


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (["backfill", "cancel"], CellState.CANCELLED),
        (["backfill", "pause"], CellState.PAUSED),
        (["symbols", "remove", "AAPL", "MSFT"], CellState.CANCELLED),
    ],
    ids=["cancelled", "paused", "removed"],
)
def test_what_somebody_stopped_stays_stopped(
    command: list[str],
    state: CellState,
    no_budget: None,
    vendor: SmallVendor,
    settings: Settings,
    clock: time_machine.Traveller,
) -> None:
    tasks.backfill_when_due()
    assert len(cells(state=CellState.PLANNED)) == 6
    said(*command)

    settings.REQUEST_LIMITS = {"alpha_vantage": Limits(per_day=20)}
    for days in (0, 1, 20):
        clock.shift(timedelta(days=days))
        tasks.backfill_when_due()

    assert vendor.log == []
    assert len(cells(state=state)) == len(cells()) == 6


def test_another_symbol_more_months_or_another_lake_is_planned_in_turn(
    no_budget: None, settings: Settings, clock: time_machine.Traveller
) -> None:
    said("symbols", "add", "NVDA", "--from", "2026-11")
    tasks.backfill_when_due()

    settings.PRICES_SYMBOLS = ["AAPL", "MSFT", "brk-b", "NVDA"]
    tasks.backfill_when_due()
    assert cells(symbol="BRK.B") == ["BRK.B 2026-11", "BRK.B 2026-10", "BRK.B 2026-09"]
    assert cells(symbol="NVDA") == ["NVDA 2026-11"]

    settings.BACKFILL_MONTHS = 4
    tasks.backfill_when_due()
    assert cells(month="2026-08") == ["AAPL 2026-08", "BRK.B 2026-08", "MSFT 2026-08"]
    assert len(cells()) == 13

    settings.LAKE_URL += "-2"
    tasks.backfill_when_due()
    assert len(cells(lake=settings.LAKE_URL)) == 12


@pytest.mark.parametrize(
    "wrong",
    [
        {"ALPHA_VANTAGE_API_KEY": ""},
        {"PRICES_PROVIDER": "files"},
        {"PRICES_PROVIDER": "nobody"},
        {"PRICES_SYMBOLS": ["A%B"]},
    ],
    ids=str,
)
def test_nothing_is_planned_of_what_cannot_be_fetched(
    wrong: dict[str, object], vendor: SmallVendor, settings: Settings, clock: time_machine.Traveller
) -> None:
    for name, value in wrong.items():
        setattr(settings, name, value)

    tasks.backfill_when_due()

    assert cells() == []
    assert "The worker plans the months of PRICES_SYMBOLS" in said("fetch_prices", "--plan", "--provider", "synthetic")
