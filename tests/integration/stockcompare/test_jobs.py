"""Scheduled jobs on the real relational database and django-q2's real scheduler, with a moved clock."""

import pydoc
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import create_autospec

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage

from market.calendar import NEW_YORK
from market.months import Month
from stockcompare import tasks, work
from stockcompare.jobs import Outcome, new_run, run_job
from stockcompare.locks import JobBusy, job_lock
from stockcompare.models import Job, JobRun, State

pytestmark = pytest.mark.django_db

CHANGED = Outcome(state=State.DONE, changed=True, summary="2 symbol-months, 780 new bars")
UNCHANGED = Outcome(state=State.DONE, changed=False, summary="nothing new")
FAILED = Outcome(state=State.FAILED, changed=False, summary="the provider refused")


class Lake:
    """Stands in for the work itself; remembers when it was asked for."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.processed: list[str] = []
        self.outcomes: list[Outcome] = []
        self.months: list[str] = []
        self.tidied: list[str] = []

    def fetch(self, months: Sequence[Month], *, session: date, now: datetime) -> Outcome:
        self.fetched.append(f"{now.astimezone(NEW_YORK):%a %H:%M}")
        self.months = [str(month) for month in months]
        return self.outcomes.pop(0) if self.outcomes else CHANGED

    def process(self, *, now: datetime) -> Outcome:
        self.processed.append(f"{now.astimezone(NEW_YORK):%a %H:%M}")
        return CHANGED

    def tidy(self, *, now: datetime) -> Outcome:
        self.tidied.append(f"{now.astimezone(NEW_YORK):%a %H:%M}")
        return UNCHANGED


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Lake:
    lake = Lake()
    monkeypatch.setattr(work, "fetch", create_autospec(work.fetch, side_effect=lake.fetch))
    monkeypatch.setattr(work, "process", create_autospec(work.process, side_effect=lake.process))
    monkeypatch.setattr(work, "tidy", create_autospec(work.tidy, side_effect=lake.tidy))
    # Its months of the made-up market would be fetched.
    monkeypatch.setattr(work, "plan_configured", create_autospec(work.plan_configured))
    return lake


@pytest.fixture
def at() -> Iterator[Callable[[str], None]]:
    """Move the clock to a New York time."""
    with time_machine.travel(datetime(2026, 11, 23, tzinfo=UTC), tick=False) as clock:
        yield lambda text: clock.move_to(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK))


def covered(session: date) -> None:
    """Record that a fetch has covered everything up to a session."""
    run = new_run(Job.FETCH, trigger="test", now=timezone.now(), session=session)
    JobRun.objects.filter(pk=run.pk).update(
        state=State.DONE, started_at=timezone.now(), finished_at=timezone.now(), changed=False
    )


def run_queue() -> None:
    for entry in OrmQ.objects.order_by("pk"):
        task = SignedPackage.loads(entry.payload)
        entry.delete()
        pydoc.locate(task["func"])(*task["args"], **task["kwargs"])  # type: ignore[operator]  # a task is callable


def test_over_a_thanksgiving_week_exactly_the_expected_fetches_and_processings_run(
    lake: Lake, at: Callable[[str], None]
) -> None:
    at("2026-11-23T00:00")
    covered(date(2026, 11, 20))
    call_command("schedules", verbosity=0)
    broker = get_broker()

    for step in range(7 * 24 * 6):
        at((datetime(2026, 11, 23) + timedelta(minutes=10 * step)).isoformat())  # noqa: DTZ001  # New York wall time
        scheduler(broker=broker)
        run_queue()

    assert lake.fetched == ["Mon 16:30", "Tue 16:30", "Wed 16:30", "Fri 13:30"]
    assert lake.processed == lake.fetched
    assert lake.tidied == [f"{day} 00:10" for day in ("Tue", "Wed", "Thu", "Fri", "Sat", "Sun")]
    assert list(JobRun.objects.filter(job=Job.FETCH, trigger="schedule").values_list("session", flat=True)) == [
        date(2026, 11, day) for day in (27, 25, 24, 23)
    ]


def test_creating_the_schedules_again_changes_nothing() -> None:
    call_command("schedules", verbosity=0)
    before = list(Schedule.objects.values())

    call_command("schedules", verbosity=0)

    assert list(Schedule.objects.values()) == before
    assert len(before) == 5


def test_a_schedule_that_was_changed_by_hand_is_mended_and_keeps_its_next_run() -> None:
    call_command("schedules", verbosity=0)
    wanted = dict(Schedule.objects.values_list("func", "minutes"))
    later = timezone.now() + timedelta(hours=1)
    Schedule.objects.update(minutes=600, next_run=later)

    call_command("schedules", verbosity=0)

    assert dict(Schedule.objects.values_list("func", "minutes")) == wanted
    assert set(Schedule.objects.values_list("next_run", flat=True)) == {later}


def test_expired_sign_ins_are_swept_every_hour_but_not_at_aws(
    user_store: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from accounts.dynamo import attempts

    def left() -> bool:
        return not attempts.reserve("old", limit=1, expires_at=1)

    call_command("schedules", verbosity=0)
    assert Schedule.objects.get(func="stockcompare.tasks.sweep_accounts").minutes == 60
    assert not left()

    settings.STOCKCOMPARE_AWS = True
    tasks.sweep_accounts()
    assert left()
    settings.STOCKCOMPARE_AWS = False
    tasks.sweep_accounts()
    assert not left()
    settings.AWS_ENDPOINT_URL_DYNAMODB = ""
    tasks.sweep_accounts()
    assert "expired sign-ins were left" in caplog.text


def test_a_tick_shows_the_supervisor_that_the_worker_lives(lake: Lake, settings: Any) -> None:
    settings.WORKER_PULSE.unlink(missing_ok=True)

    tasks.fetch_when_due()

    assert settings.WORKER_PULSE.exists()


def test_a_failed_fetch_is_recorded_and_tried_again(lake: Lake, at: Callable[[str], None]) -> None:
    covered(date(2026, 11, 23))
    lake.outcomes = [FAILED]

    for minute in range(30, 50):
        at(f"2026-11-24T16:{minute}")
        tasks.fetch_when_due()

    assert lake.fetched == ["Tue 16:30", "Tue 16:45"]
    assert [run.state for run in JobRun.objects.filter(trigger="schedule")] == [State.DONE, State.FAILED]


def test_a_fetch_that_raises_is_a_failed_run_with_the_reason(lake: Lake, at: Callable[[str], None]) -> None:
    at("2026-11-24T16:30")
    work.fetch.side_effect = ConnectionError("no route to the provider")  # type: ignore[attr-defined]  # autospec

    tasks.fetch_when_due()

    run = JobRun.objects.get()
    assert run.state == State.FAILED
    assert run.summary == "ConnectionError: no route to the provider"
    assert run.finished_at is not None


def test_a_fetch_that_changed_nothing_is_not_processed(lake: Lake, at: Callable[[str], None]) -> None:
    at("2026-11-24T16:30")
    lake.outcomes = [UNCHANGED]

    tasks.fetch_when_due()
    tasks.process_when_due()

    assert lake.fetched == ["Tue 16:30"]
    assert lake.processed == []


@pytest.mark.parametrize(("outcome", "processed"), [(CHANGED, ["Tue 18:00"]), (UNCHANGED, [])])
def test_news_of_splits_are_processed_as_changed_bars_are(
    lake: Lake, at: Callable[[str], None], outcome: Outcome, processed: list[str]
) -> None:
    at("2026-11-24T18:00")
    run_job(new_run(Job.FACTS, trigger="test", now=timezone.now()), lambda: outcome, clock=timezone.now)

    tasks.process_when_due()

    assert lake.processed == processed


def test_after_a_month_boundary_the_earlier_month_is_completed(lake: Lake, at: Callable[[str], None]) -> None:
    at("2026-12-01T16:30")
    covered(date(2026, 11, 30))

    tasks.fetch_when_due()

    assert lake.months == ["2026-11", "2026-12"]


def test_a_run_that_a_killed_worker_left_open_is_closed_and_repeated(lake: Lake, at: Callable[[str], None]) -> None:
    at("2026-11-24T16:30")
    killed = new_run(Job.FETCH, trigger="schedule", now=timezone.now(), session=date(2026, 11, 24))
    JobRun.objects.filter(pk=killed.pk).update(state=State.RUNNING, started_at=timezone.now())

    at("2026-11-24T16:46")
    tasks.fetch_when_due()
    at("2026-11-24T17:02")
    tasks.fetch_when_due()

    killed.refresh_from_db()
    assert killed.state == State.INTERRUPTED
    assert lake.fetched == ["Tue 17:02"]


def test_a_job_that_runs_elsewhere_is_not_started_twice(lake: Lake, at: Callable[[str], None]) -> None:
    at("2026-11-24T16:30")
    asked = new_run(Job.FETCH, trigger="ada", now=timezone.now())

    with job_lock(Job.FETCH):
        tasks.fetch_when_due()
        tasks.run_now(asked.pk)

    asked.refresh_from_db()
    assert lake.fetched == []
    assert asked.state == State.SKIPPED


def test_jobs_do_not_block_each_other(lake: Lake) -> None:
    asked = new_run(Job.PROCESS, trigger="ada", now=timezone.now())

    with job_lock(Job.FETCH):
        tasks.run_now(asked.pk)

    assert len(lake.processed) == 1


def test_a_lock_is_free_again_after_an_error_inside() -> None:
    with pytest.raises(RuntimeError), job_lock(Job.FETCH):
        raise RuntimeError

    with job_lock(Job.FETCH), pytest.raises(JobBusy), job_lock(Job.FETCH):
        pass


def test_run_now_fetches_the_last_settled_session_even_if_it_was_covered(lake: Lake, at: Callable[[str], None]) -> None:
    at("2026-11-26T12:00")
    covered(date(2026, 11, 25))
    asked = new_run(Job.FETCH, trigger="ada", now=timezone.now())

    tasks.run_now(asked.pk)

    asked.refresh_from_db()
    assert asked.session == date(2026, 11, 25)
    assert asked.state == State.DONE
    assert asked.trigger == "ada"
