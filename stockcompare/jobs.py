"""Running a job once, at most one at a time, with its record."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from stockcompare.models import Job, JobRun, State

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job's work ended. `state` is one of done, partly, failed."""

    state: State
    changed: bool
    summary: str


def new_run(job: Job, *, trigger: str, now: datetime, session: date | None = None) -> JobRun:
    return JobRun.objects.create(job=job, state=State.QUEUED, trigger=trigger, session=session, queued_at=now)


def mark_interrupted(job: Job, *, now: datetime) -> int:
    """Close the records that a killed worker left open; return how many. Call it while holding the job's lock."""
    left_open = JobRun.objects.filter(job=job, state=State.RUNNING)
    return left_open.update(
        state=State.INTERRUPTED,
        finished_at=now,
        summary="The process that ran this was ended; the next run repairs it.",
    )


def run_job(run: JobRun, work: Callable[[], Outcome], *, clock: Clock) -> JobRun:
    """Do the work and record how it ended. Call it while holding the job's lock; an exception becomes a failed run."""
    run.state, run.started_at = State.RUNNING, clock()
    run.save(update_fields=["state", "started_at"])
    outcome = _outcome_of(run, work)
    run.state, run.changed, run.summary = outcome.state, outcome.changed, outcome.summary
    run.finished_at = clock()
    run.save(update_fields=["state", "changed", "summary", "finished_at"])
    return run


def _outcome_of(run: JobRun, work: Callable[[], Outcome]) -> Outcome:
    try:
        return work()
    except Exception as error:
        logger.exception("job failed", extra={"job": run.job, "run": run.pk})
        return Outcome(state=State.FAILED, changed=False, summary=f"{type(error).__name__}: {error}")


def skip(run: JobRun, *, now: datetime) -> None:
    run.state, run.finished_at = State.SKIPPED, now
    run.summary = "This job was already running; its record is further down."
    run.save(update_fields=["state", "finished_at", "summary"])
