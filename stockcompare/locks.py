"""A lock per job that its holder's death releases: no lease to wait for after a kill, no job run twice at once.

SQLite means one machine, so the lock is a file's; PostgreSQL may have workers on several, so it is an advisory lock
of the database session.
"""

import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection


class JobBusy(RuntimeError):
    """Another process runs this job."""


@contextmanager
def job_lock(job: str) -> Iterator[None]:
    """Hold the lock. Raises JobBusy at once when another process has it."""
    lock = _advisory_lock if connection.vendor == "postgresql" else _file_lock
    with lock(job):
        yield


@contextmanager
def _file_lock(job: str) -> Iterator[None]:
    path: Path = settings.VAR_DIR / "run" / f"job-{job}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock_or_raise(descriptor, job)
        yield
    finally:
        os.close(descriptor)


def _lock_or_raise(descriptor: int, job: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise JobBusy(job) from None


@contextmanager
def _advisory_lock(job: str) -> Iterator[None]:
    number = zlib.crc32(f"stockcompare-{job}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise JobBusy(job)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
