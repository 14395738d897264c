"""`manage.py prepare`: everything between an empty folder and a site with prices on it. Safe to repeat."""

import os
from argparse import ArgumentParser
from datetime import timedelta
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from stockcompare.due import settled_session
from stockcompare.jobs import Outcome, mark_interrupted, new_run, run_job
from stockcompare.locks import job_lock
from stockcompare.models import Job, State
from stockcompare.schedules import ensure_schedules
from stockcompare.static_files import collect_static_if_changed

_TRIGGER = "make up"
# The commands' exit code for "some of it, with the rest listed".
_PARTLY_DONE = 3


class Command(BaseCommand):
    help = "Migrate, create the tables and the first administrator, load and process prices. `make up` calls it."
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django's own spelling

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--report-to", type=int, help="file descriptor for a new administrator, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("dynamodb_init", verbosity=0)
        collect_static_if_changed()
        ensure_schedules(now=timezone.now())
        # The end of the report tells `make up` that the web may start.
        self._ensure_admin(options["report_to"])
        for job in (Job.FETCH, Job.PROCESS):
            self._run(job)

    def _ensure_admin(self, report_to: int | None) -> None:
        answer = StringIO()
        call_command("ensure_admin", json=True, stdout=answer)
        if report_to is None:
            self.stdout.write(answer.getvalue())
            return
        with os.fdopen(report_to, "w") as report:
            report.write(answer.getvalue())

    def _run(self, job: Job) -> None:
        """Run the job's command on this terminal, with a record. A failure is shown and does not stop the start."""
        now = timezone.now()
        session = settled_session(now, settle=timedelta(minutes=settings.FETCH_SETTLE_MINUTES))
        run = new_run(job, trigger=_TRIGGER, now=now, session=session if job == Job.FETCH else None)
        with job_lock(job):
            mark_interrupted(job, now=now)
            run_job(run, lambda: self._outcome(job), clock=timezone.now)
        if run.state == State.FAILED:
            self.stderr.write(f"{job.label} failed: {run.summary} The site starts with the prices it has.")

    def _outcome(self, job: Job) -> Outcome:
        try:
            call_command(f"{job}_prices")
        except CommandError as error:
            state = State.PARTLY if error.returncode == _PARTLY_DONE else State.FAILED
            return Outcome(state, changed=state == State.PARTLY, summary=str(error))
        return Outcome(State.DONE, changed=True, summary="The details went to the terminal.")
