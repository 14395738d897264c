"""Runs that hold cells, and whether they live: a lock that a process's death releases, so no lease is waited for.

SQLite means one machine, so the lock is a file's beside the database; PostgreSQL may have fetchers on several, so it
is an advisory lock of the database session.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from market.providers.gate import LedgerUnavailable


@contextmanager
def holding() -> Iterator[str]:
    """Give a name that is known to live until the context, or the process, ends."""
    name = uuid.uuid4().hex
    with (_advisory if connection.vendor == "postgresql" else _file)(name):
        yield name


def is_alive(name: str) -> bool:
    """Tell whether the run of this name may still be at work. Not for one's own name."""
    return _advisory_taken(name) if connection.vendor == "postgresql" else _file_taken(name)


def _path(name: str) -> Path:
    database = Path(str(connection.settings_dict["NAME"]))
    folder: Path = database.parent if database.is_file() else settings.VAR_DIR
    return folder / "run/fetchers" / f"{name}.lock"


@contextmanager
def _file(name: str) -> Iterator[None]:
    path = _path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LedgerUnavailable(
            f"The lock of this run cannot be written to {path.parent} ({error.strerror}), so nothing was asked for; "
            "let this user write there, or make room."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _file_taken(name: str) -> bool:
    path = _path(name)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        # What a killed process left behind.
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(descriptor)


def _number(name: str) -> int:
    return int(name[:15], 16)


@contextmanager
def _advisory(name: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_number(name)])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_number(name)])


def _advisory_taken(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_number(name)])
        if not cursor.fetchone()[0]:
            return True
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_number(name)])
        return False
