"""Run records of the background jobs, kept in the relational database and shown in the admin."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from stockcompare.due import Failures


class Job(models.TextChoices):
    FETCH = "fetch", "Fetch prices"
    BACKFILL = "backfill", "Fetch what is planned"
    PROCESS = "process", "Process prices"
    IMPORT = "import", "Import a file"
    FACTS = "facts", "Fetch splits, dividends and the listing"
    TIDY = "tidy", "Tidy up"

    @property
    def startable(self) -> bool:
        """Whether a button alone can start it; an import needs its file."""
        return self is not Job.IMPORT


class State(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    PARTLY = "partly", "Partly done"
    FAILED = "failed", "Failed"
    INTERRUPTED = "interrupted", "Interrupted"
    SKIPPED = "skipped", "Skipped"


UNSUCCESSFUL = (State.PARTLY, State.FAILED, State.INTERRUPTED)


class JobRun(models.Model):
    """One run of a job. `session` is what a fetch aimed at; `changed` tells whether the lake changed."""

    job = models.CharField(max_length=10, choices=Job)
    state = models.CharField(max_length=12, choices=State)
    trigger = models.CharField(max_length=160, help_text="“schedule”, “make up”, or the user who asked for it.")
    session = models.DateField(null=True, blank=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    changed = models.BooleanField(default=False)
    summary = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-queued_at", "-pk"]
        get_latest_by = "queued_at"
        default_permissions = ("view",)
        permissions: ClassVar = [("run_jobs", "Can run jobs now")]
        indexes: ClassVar = [models.Index(fields=["job", "state", "-finished_at"], name="jobrun_by_job")]
        verbose_name = "job run"

    def __str__(self) -> str:
        return f"{self.get_job_display()}, {self.queued_at:%Y-%m-%d %H:%M} UTC: {self.get_state_display()}"


def last_run(job: Job, *, state: State = State.DONE, **conditions: object) -> JobRun | None:
    return JobRun.objects.filter(job=job, state=state, **conditions).order_by("-finished_at").first()


def is_running(job: Job) -> bool:
    return JobRun.objects.filter(job=job, state=State.RUNNING).exists()


def current_failures(job: Job) -> Failures | None:
    """Return the failed runs since the last one that was done, or None."""
    done = last_run(job)
    failed = JobRun.objects.filter(job=job, state__in=UNSUCCESSFUL)
    if done:
        failed = failed.filter(finished_at__gt=done.finished_at)
    latest = failed.aggregate(count=models.Count("pk"), last_at=models.Max("finished_at"))
    return Failures(count=latest["count"], last_at=latest["last_at"]) if latest["count"] else None


def last_change() -> datetime | None:
    """Return when bars last changed, or splits, on which averages and returns depend."""
    changed = (
        JobRun.objects.filter(job__in=(Job.FETCH, Job.BACKFILL, Job.IMPORT, Job.FACTS), changed=True)
        .order_by("-finished_at")
        .first()
    )
    return changed.finished_at if changed else None
