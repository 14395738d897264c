"""What django-q2 runs. The clock is read here; the work is the same code that the commands call."""

import logging
from datetime import date, datetime, timedelta
from functools import partial
from io import StringIO

from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from stockcompare import work
from stockcompare.due import facts_due, fetch_due, months_to_fetch, process_due, settled_session
from stockcompare.jobs import Outcome, mark_interrupted, new_run, run_job, skip
from stockcompare.locks import JobBusy, job_lock
from stockcompare.models import Job, JobRun, State, current_failures, is_running, last_change, last_run
from stockcompare.uploads import forget_upload, read_upload

logger = logging.getLogger(__name__)

SCHEDULE = "schedule"


def fetch_when_due() -> None:
    """Every minute: fetch the session that has settled, unless a run has covered it or one is going on."""
    _show_life()
    try:
        with job_lock(Job.FETCH):
            now = timezone.now()
            mark_interrupted(Job.FETCH, now=now)
            session = fetch_due(now, fetched=_fetched_session(), failures=current_failures(Job.FETCH), settle=_settle())
            if session:
                _fetch(new_run(Job.FETCH, trigger=SCHEDULE, now=now, session=session))
    except JobBusy:
        return


def backfill_when_due() -> None:
    """Every minute: go on with the plan of symbol-months, unless the day's budget is used up or a fetch is going on.

    The facts live on the same budget. They are few and go first, for the plan may take weeks.
    """
    learn_when_due()
    try:
        with job_lock(Job.BACKFILL):
            now = timezone.now()
            mark_interrupted(Job.BACKFILL, now=now)
            failures = current_failures(Job.BACKFILL)
            if is_running(Job.FETCH) or is_running(Job.FACTS):
                return
            work.plan_configured(now=now)
            if (failures and now < failures.retry_at()) or not work.backfill_waits(now=now):
                return
            _backfill(new_run(Job.BACKFILL, trigger=SCHEDULE, now=now))
    except JobBusy:
        return


def learn_when_due() -> None:
    """Learn of splits, dividends, daily figures and the listing, when a week has gone by."""
    if not work.facts_are_offered():
        return
    try:
        with job_lock(Job.FACTS):
            now = timezone.now()
            mark_interrupted(Job.FACTS, now=now)
            if is_running(Job.FETCH) or is_running(Job.BACKFILL) or not _facts_wait(now):
                return
            _facts(new_run(Job.FACTS, trigger=SCHEDULE, now=now))
    except JobBusy:
        return


def process_when_due() -> None:
    """Every minute: process the prices when bars or splits have changed since the last processing began."""
    try:
        with job_lock(Job.PROCESS):
            now = timezone.now()
            mark_interrupted(Job.PROCESS, now=now)
            done = last_run(Job.PROCESS)
            due = process_due(
                now,
                changed_at=last_change(),
                processed_at=done.started_at if done else None,
                failures=current_failures(Job.PROCESS),
            )
            if due:
                _process(new_run(Job.PROCESS, trigger=SCHEDULE, now=now))
    except JobBusy:
        return


def sweep_accounts() -> None:
    """Every hour: delete expired sign-ins and counters. At AWS DynamoDB does so by itself, and the worker has no rights
    there."""
    if settings.STOCKCOMPARE_AWS:
        return
    try:
        call_command("dynamodb_sweep", stdout=StringIO())
    except CommandError as error:
        # They count for nothing while they stay; the next hour is soon enough.
        logger.warning("expired sign-ins were left", extra={"reason": str(error)})


def tidy() -> None:
    """Every day: keep the lake's tables and the ledger small, also where nothing is ever processed."""
    try:
        with job_lock(Job.TIDY):
            now = timezone.now()
            mark_interrupted(Job.TIDY, now=now)
            _tidy(new_run(Job.TIDY, trigger=SCHEDULE, now=now))
    except JobBusy:
        return


def run_now(run_id: int) -> None:
    """Do a queued run that somebody asked for, whether or not it is due."""
    run = JobRun.objects.get(pk=run_id)
    job = Job(run.job)
    try:
        with job_lock(job):
            mark_interrupted(job, now=timezone.now())
            if job == Job.FETCH:
                run.session = settled_session(timezone.now(), settle=_settle())
                run.save(update_fields=["session"])
                _fetch(run)
            elif job == Job.BACKFILL:
                _backfill(run)
            elif job == Job.FACTS:
                _facts(run)
            elif job == Job.TIDY:
                _tidy(run)
            elif job == Job.IMPORT:
                _import_queued()
            else:
                _process(run)
    except JobBusy:
        if job == Job.IMPORT:
            # Whoever is at an import goes on with the next one.
            return
        skip(run, now=timezone.now())


def _show_life() -> None:
    """Touch the file that the supervisor watches.

    An idle worker that is killed leaves django-q2's task queue locked; nothing ends then, and nothing runs any more.
    """
    settings.WORKER_PULSE.parent.mkdir(parents=True, exist_ok=True)
    settings.WORKER_PULSE.touch()


def _fetch(run: JobRun) -> None:
    run_job(run, lambda: _fetch_session(run.session), clock=timezone.now)


def _backfill(run: JobRun) -> None:
    run_job(run, work.backfill, clock=timezone.now)


def _facts(run: JobRun) -> None:
    run_job(run, work.learn_facts, clock=timezone.now)


def _tidy(run: JobRun) -> None:
    run_job(run, lambda: work.tidy(now=timezone.now()), clock=timezone.now)


def _facts_wait(now: datetime) -> bool:
    done = last_run(Job.FACTS)
    learnt_at = done.started_at if done else None
    due = facts_due(now, learnt_at=learnt_at, failures=current_failures(Job.FACTS))
    return due and work.facts_can_be_asked(now=now)


def _import_queued() -> None:
    while run := JobRun.objects.filter(job=Job.IMPORT, state=State.QUEUED).order_by("queued_at").first():
        run_job(run, partial(_import, run.pk), clock=timezone.now)


def _import(run_id: int) -> Outcome:
    path, stated = read_upload(run_id)
    try:
        return work.import_file(path, stated, now=timezone.now())
    finally:
        forget_upload(run_id)


def _process(run: JobRun) -> None:
    run_job(run, lambda: work.process(now=timezone.now()), clock=timezone.now)


def _fetch_session(session: date | None) -> Outcome:
    if session is None:
        raise ValueError("A fetch needs the session that it is for.")
    return work.fetch(months_to_fetch(session, fetched=_fetched_session()), session=session, now=timezone.now())


def _fetched_session() -> date | None:
    done = last_run(Job.FETCH, session__isnull=False)
    return done.session if done else None


def _settle() -> timedelta:
    return timedelta(minutes=settings.FETCH_SETTLE_MINUTES)
