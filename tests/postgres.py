"""A PostgreSQL server of the tests' own, from Debian's packages, on loopback."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.servers import free_port, running, wait_until


def program(name: str) -> str:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(installed[-1]) if installed else None)
    if found is None:
        pytest.skip(f"PostgreSQL is not installed ({name} was not found): apt-get install postgresql")
    return str(Path(found).resolve())


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a cluster that lives in a temporary folder. The value is a DATABASE_URL that leads to an empty database."""
    initdb, postgres = program("initdb"), program("postgres")
    # PostgreSQL refuses to run as root; Debian's package brings a user for it.
    owner: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="stockcompare-postgres-") as folder:
        if owner:
            shutil.chown(folder, owner["user"], owner["group"])
        data, port = f"{folder}/data", free_port()
        make = [initdb, "--pgdata", data, "--username", "stockcompare", "--auth", "trust", "--no-sync", "-E", "UTF8"]
        subprocess.run([*make, "--locale", "C.UTF-8"], check=True, capture_output=True, cwd=folder, **owner)
        serve = [postgres, "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-c", "fsync=off"]
        with (
            tempfile.TemporaryFile() as log,
            running(serve, stdout=log, stderr=log, cwd=folder, **owner) as process,
        ):
            url = f"postgres://stockcompare@127.0.0.1:{port}/postgres"
            # PostgreSQL listens before it serves: until then it refuses whoever connects ("starting up").
            wait_until(lambda: _serves(url), process)
            yield url


def _serves(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
