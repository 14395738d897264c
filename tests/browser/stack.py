"""The whole site on loopback: embedded DynamoDB, a lake of the synthetic market, the real web server."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stockcompare.up.dynamodb import embedded_command, embedded_environment
from stockcompare.up.plan import web_command
from stockcompare.up.ports import serves, wait_until
from tests.conftest import REPOSITORY
from tests.servers import free_port, running, wait_for_port

MONTHS = ("2026-09", "2026-10")
# The commands of a first start in one process; the last line is the administrator.
PREPARE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "stockcompare.settings"
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("dynamodb_init", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
call_command("fetch_prices", months=sys.argv[1:])
call_command("fetch_prices", symbols=["GOOGL"], months=["2026-09"])
call_command("fetch_facts", provider="synthetic", symbols=["GOOGL"])
call_command("process_prices")
call_command("ensure_admin", json=True)
"""


@dataclass(frozen=True)
class Site:
    """A running site and its one user, an administrator."""

    url: str
    username: str
    password: str


@contextmanager
def live_site(folder: Path) -> Iterator[Site]:
    """Start everything, load two months of AAPL and MSFT and one of GOOGL, and stop everything at the end."""
    database_port, web_port = free_port(), free_port()
    environment = embedded_environment(_environment(folder), port=database_port)
    database = embedded_command(REPOSITORY, port=database_port, database=folder / "users.db")
    with (
        (folder / "servers.log").open("wb") as log,
        running(database, stdout=log, stderr=log) as database_process,
    ):
        wait_for_port(database_port, database_process)
        admin = _prepare(environment)
        command = web_command("127.0.0.1", web_port, workers=1)
        with running(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log):
            assert wait_until(lambda: serves("127.0.0.1", web_port), seconds=30), (folder / "servers.log").read_text()
            yield Site(f"http://127.0.0.1:{web_port}", admin["username"], admin["password"])


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "ENV_FILE": str(folder / "no.env"),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "VAR_DIR": str(folder / "var"),
        "PRICES_PROVIDER": "synthetic",
        "PRICES_SYMBOLS": "AAPL,MSFT",
        # One share of GOOGL takes the place of three on 25 September 2026; AAPL and MSFT have no split in these months.
        "SYNTHETIC_EVENTS": "split",
        "LOG_LEVEL": "WARNING",
    }


def _prepare(environment: dict[str, str]) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", PREPARE, *MONTHS], cwd=REPOSITORY, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    admin: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return admin
