"""The weekly run that learns of splits, dividends, daily figures and the listing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import create_autospec

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from market.actions import actions_table, daily_figures_table
from market.lake.location import Lake
from market.limits import Limits
from market.models import RequestAttempt, Symbol
from stockcompare import tasks, work
from stockcompare.jobs import Outcome, new_run
from stockcompare.models import Job, JobRun, State
from tests.builders import make_bar, write_bars
from tests.fetching import KEY
from tests.vendors import Vendor

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _settings(settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    # The months of the configured symbols would be asked for.
    monkeypatch.setattr(work, "plan_configured", create_autospec(work.plan_configured))
    settings.PRICES_PROVIDER, settings.PRICES_SYMBOLS = "alpha_vantage", ["AAPL", "MSFT"]
    settings.ALPHA_VANTAGE_API_KEY, settings.ALPHA_VANTAGE_PLAN = KEY, "1200"
    settings.REQUEST_LIMITS = {}


@pytest.fixture
def at() -> Iterator[Callable[[datetime], None]]:
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield lambda instant: clock.move_to(instant)


@pytest.fixture
def learn(monkeypatch: pytest.MonkeyPatch) -> list[Outcome]:
    """Stand in for the learning; return the outcomes to come, which is all done when it is empty."""
    outcomes: list[Outcome] = []
    done = Outcome(State.DONE, changed=True, summary="facts of 2 symbols")
    side_effect: Callable[[], Outcome] = lambda: outcomes.pop(0) if outcomes else done  # noqa: E731
    monkeypatch.setattr(work, "learn_facts", create_autospec(work.learn_facts, side_effect=side_effect))
    return outcomes


def runs() -> list[tuple[str, str]]:
    found = JobRun.objects.filter(job=Job.FACTS).order_by("pk")
    return [(f"{run.queued_at:%a %d %H:%M}", run.state) for run in found]


def test_facts_are_learnt_once_a_week_and_again_after_a_part(
    at: Callable[[datetime], None], learn: list[Outcome]
) -> None:
    learn.append(Outcome(State.PARTLY, changed=True, summary="1 symbols are left"))

    for step in range(9 * 24):
        at(MONDAY + timedelta(hours=step))
        tasks.backfill_when_due()

    assert runs() == [("Mon 23 12:00", "partly"), ("Mon 23 13:00", "done"), ("Mon 30 13:00", "done")]


@pytest.mark.parametrize(
    "hindered",
    [
        {"PRICES_PROVIDER": "synthetic"},
        {"ALPHA_VANTAGE_API_KEY": ""},
        {"REQUEST_LIMITS": {"alpha_vantage": Limits(per_day=0)}},
    ],
)
def test_nothing_is_asked_without_a_key_for_the_synthetic_market_or_beyond_the_budget(
    hindered: dict[str, object], settings: Settings, learn: list[Outcome]
) -> None:
    for name, value in hindered.items():
        setattr(settings, name, value)

    tasks.backfill_when_due()

    assert runs() == []


def test_facts_go_before_the_plan_and_after_the_newest_prices(
    learn: list[Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "backfill_waits", create_autospec(work.backfill_waits, return_value=True))
    backfill = create_autospec(work.backfill, return_value=Outcome(State.DONE, changed=False, summary=""))
    monkeypatch.setattr(work, "backfill", backfill)
    fetch = new_run(Job.FETCH, trigger="test", now=timezone.now())
    JobRun.objects.filter(pk=fetch.pk).update(state=State.RUNNING)

    tasks.backfill_when_due()
    assert JobRun.objects.count() == 1

    fetch.delete()
    tasks.backfill_when_due()
    tasks.backfill_when_due()
    assert list(JobRun.objects.order_by("pk").values_list("job", flat=True)) == ["facts", "backfill", "backfill"]


def test_what_the_vendor_says_is_in_the_lake_and_not_asked_for_twice(
    lake: Lake, vendor: Vendor, settings: Settings
) -> None:
    settings.ALPHA_VANTAGE_URL = vendor.url

    first, again = work.learn_facts(), work.learn_facts()

    assert (first.state, first.changed) == (State.DONE, True), first.summary
    assert "AAPL: 2 splits, 2 dividends" in first.summary
    assert {part.symbol for part in daily_figures_table(lake).snapshot().parts} == {"AAPL", "MSFT"}
    assert any(part.symbol == "AAPL" for part in actions_table(lake).snapshot().parts)
    assert Symbol.objects.exclude(listing_at=None).exists()
    assert (again.state, again.changed) == (State.DONE, False)
    assert len(vendor.calls()) == 2 + 2 * 3


def test_a_symbol_that_fails_leaves_the_others_and_is_asked_again(vendor: Vendor, settings: Settings) -> None:
    settings.ALPHA_VANTAGE_URL = vendor.url
    vendor.tell("SPLITS", "no splits here", symbol="AAPL")

    ended = work.learn_facts()
    calls = len(vendor.calls())
    work.learn_facts()

    assert ended.state == State.PARTLY
    assert "MSFT: 2 splits" in ended.summary
    assert {call.get("symbol") for call in vendor.calls()[calls:]} == {"AAPL"}


def test_what_the_days_budget_leaves_over_goes_on_another_day(vendor: Vendor, settings: Settings) -> None:
    settings.ALPHA_VANTAGE_URL = vendor.url
    settings.REQUEST_LIMITS = {"alpha_vantage": Limits(per_day=7)}

    ended = work.learn_facts()

    # Two for the listing and three for the first symbol; two are kept for the newest prices of two symbols.
    assert ended.state == State.PARTLY
    assert "1 symbols are left for the next run. Today's requests to alpha_vantage are used up" in ended.summary
    assert RequestAttempt.objects.count() == len(vendor.calls()) == 5
    assert not work.facts_can_be_asked(now=timezone.now())


def test_real_facts_do_not_come_into_a_lake_of_made_up_bars(lake: Lake, settings: Settings) -> None:
    write_bars(lake, [make_bar(provider="synthetic")])

    ended = work.learn_facts()

    assert (ended.state, ended.changed) == (State.FAILED, False)
    assert "synthetic" in ended.summary
    assert not RequestAttempt.objects.exists()


def test_the_button_says_that_nobody_is_asked_about_the_synthetic_market(settings: Settings) -> None:
    settings.PRICES_PROVIDER = "synthetic"
    asked = new_run(Job.FACTS, trigger="ada", now=timezone.now())

    tasks.run_now(asked.pk)

    asked.refresh_from_db()
    assert asked.state == State.FAILED
    assert asked.summary.startswith("Nobody is asked about the synthetic market")
