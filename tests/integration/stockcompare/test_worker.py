"""The real django-q2 worker with a job that is killed in the middle."""

import os
import secrets
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stockcompare.up.ports import wait_until
from tests.conftest import REPOSITORY
from tests.servers import running
from tests.vendors import Vendor, made_up_vendor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

QUEUE_A_FETCH = """
from django.utils import timezone
from django_q.tasks import async_task
from stockcompare.jobs import new_run
from stockcompare.models import Job
async_task("stockcompare.tasks.run_now", new_run(Job.FETCH, trigger="test", now=timezone.now()).pk, save=False)
"""


class Worker:
    """A worker with a folder, a database and a vendor of its own."""

    def __init__(self, folder: Path, vendor: Vendor) -> None:
        self.folder = folder
        self.vendor = vendor
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "ENV_FILE": str(folder / "no.env"),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "VAR_DIR": str(folder),
            "LAKE_URL": f"file://{folder}/lake",
            "PRICES_SYMBOLS": "AAPL",
            "ALPHA_VANTAGE_URL": f"{vendor.url}/query",
            "ALPHA_VANTAGE_API_KEY": "a-made-up-key",
        }

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=REPOSITORY, env=self.environment, check=True, capture_output=True)

    def runs(self) -> list[str]:
        """Return the states of the runs, oldest first."""
        with sqlite3.connect(self.folder / "stockcompare.sqlite3") as connection:
            rows = connection.execute("SELECT state FROM stockcompare_jobrun ORDER BY id").fetchall()
        connection.close()
        return [state for (state,) in rows]

    def process_with_the_job(self) -> int | None:
        """Return the process that holds the lock of the fetch."""
        lock = str(self.folder / "run/job-fetch.lock")
        for entry in Path("/proc").glob("[0-9]*/fd/*"):
            try:
                if str(entry.readlink()) == lock:
                    return int(entry.parts[2])
            except OSError:
                continue
        return None


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    with made_up_vendor({}) as vendor:
        worker = Worker(tmp_path, vendor)
        worker.manage("migrate", "-v0")
        with (
            (tmp_path / "worker.log").open("wb") as log,
            running(
                [sys.executable, "manage.py", "qcluster"],
                cwd=REPOSITORY,
                env=worker.environment,
                stdout=log,
                stderr=log,
                process_group=0,
            ) as process,
        ):
            yield worker
            os.killpg(process.pid, signal.SIGKILL)


def test_a_job_killed_in_the_middle_is_recorded_and_the_next_one_completes(worker: Worker) -> None:
    worker.vendor.queue("slow:120")
    worker.manage("shell", "-c", QUEUE_A_FETCH)
    assert wait_until(lambda: worker.runs() == ["running"] and len(worker.vendor.calls()) == 1, seconds=40)
    busy = worker.process_with_the_job()
    assert busy is not None

    # A second request meanwhile does not start a second fetch.
    worker.manage("shell", "-c", QUEUE_A_FETCH)
    assert wait_until(lambda: worker.runs() == ["running", "skipped"], seconds=40), worker.runs()

    os.kill(busy, signal.SIGKILL)
    worker.vendor.queue()
    worker.manage("shell", "-c", QUEUE_A_FETCH)

    assert wait_until(lambda: worker.runs() == ["interrupted", "skipped", "done"], seconds=60), worker.runs()
    assert list((worker.folder / "lake/tables/bars").rglob("*.parquet"))
