"""The scheduled task that goes on with the plan, day after day, within the key's budget."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import create_autospec

import pytest
import time_machine
from django.core.management import call_command
from pytest_django import Settings

from market.backfill.control import pause, resume
from market.lake.location import Lake
from market.limits import Limits
from market.models import BackfillCell, Symbol, Tracking
from market.months import Month
from market.universe.tracking import add_symbol
from stockcompare import tasks, work
from stockcompare.jobs import new_run
from stockcompare.models import Job, JobRun, State, last_change
from tests.fetching import KEY
from tests.vendors import SmallVendor, small_vendor

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 11, 24, 6, tzinfo=UTC)


@pytest.fixture
def vendor(db: None, settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallVendor]:
    with small_vendor() as vendor:
        settings.ALPHA_VANTAGE_URL, settings.ALPHA_VANTAGE_API_KEY = vendor.url, KEY
        settings.PRICES_PROVIDER, settings.PRICES_SYMBOLS = "alpha_vantage", ["AAPL", "MSFT"]
        settings.REQUEST_LIMITS = {"alpha_vantage": Limits(per_day=6)}
        # Splits and dividends would take their share of the day's requests.
        monkeypatch.setattr(work, "facts_can_be_asked", create_autospec(work.facts_can_be_asked, return_value=False))
        # Their months would be planned, too, had nobody added them with months of their own.
        Symbol.objects.bulk_create([Symbol(symbol=name, tracking=Tracking.ADDED) for name in ("AAPL", "MSFT")])
        yield vendor


def plan_ten_months() -> None:
    add_symbol("NVDA", "alpha_vantage", BEGIN - timedelta(hours=1), first=Month(2026, 2))


def states() -> set[str]:
    return set(BackfillCell.objects.values_list("state", flat=True))


def test_the_plan_goes_on_every_day_until_it_is_done_and_leaves_some_for_the_newest_prices(vendor: SmallVendor) -> None:
    plan_ten_months()
    sent = []
    with time_machine.travel(BEGIN, tick=False) as clock:
        for hour in range(4 * 24):
            clock.move_to(BEGIN + timedelta(hours=hour))
            tasks.backfill_when_due()
            if hour % 24 == 22:
                sent.append(len(vendor.log))

    assert sent == [3, 6, 9, 10]
    assert vendor.cells == [f"NVDA 2026-{month:02}" for month in range(11, 1, -1)]
    assert states() == {"done"}
    assert set(JobRun.objects.values_list("state", flat=True)) == {State.DONE}
    assert last_change() is not None


def test_nothing_runs_while_the_plan_is_paused_or_a_fetch_is_going_on(vendor: SmallVendor, lake: Lake) -> None:
    plan_ten_months()
    with time_machine.travel(BEGIN, tick=False):
        pause(lake.url, [], BEGIN)
        tasks.backfill_when_due()
        resume(lake.url, [], BEGIN)
        run = new_run(Job.FETCH, trigger="test", now=BEGIN)
        JobRun.objects.filter(pk=run.pk).update(state=State.RUNNING)
        tasks.backfill_when_due()

    assert vendor.log == []


def test_another_key_goes_on_at_once(vendor: SmallVendor, settings: Settings) -> None:
    plan_ten_months()
    with time_machine.travel(BEGIN, tick=False):
        tasks.backfill_when_due()
        settings.ALPHA_VANTAGE_API_KEY = "another-key"
        tasks.backfill_when_due()

    assert len(vendor.log) == 6


def test_what_was_planned_for_another_provider_is_fetched_from_the_configured_one(vendor: SmallVendor) -> None:
    add_symbol("NVDA", "alpaca,massive", BEGIN, first=Month(2026, 10))
    BackfillCell.objects.filter(month="2026-11").update(provider="files")
    with time_machine.travel(BEGIN, tick=False):
        tasks.backfill_when_due()

    assert vendor.cells == ["NVDA 2026-10"]


def test_the_plan_is_told_in_words(vendor: SmallVendor, capsys: pytest.CaptureFixture[str]) -> None:
    plan_ten_months()
    with time_machine.travel(BEGIN, tick=False):
        tasks.backfill_when_due()
        call_command("backfill", "status")

    told = capsys.readouterr().out
    assert "NVDA 2026-02 to 2026-11: 7 planned, 3 done" in told
    assert "7 symbol-months are still to be fetched: 7 requests to alpha_vantage on 2 days (3 are left" in told
