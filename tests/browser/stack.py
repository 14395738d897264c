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


@dataclass(frozen=True)
class Site:
    """A running site and its one user, an administrator."""

    url: str
    username: str
    password: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        return manage(self.environment, *arguments)


def manage(environment: dict[str, str], *arguments: str) -> str:
    """Run a management command as a person would; return what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=REPOSITORY, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def live_site(folder: Path) -> Iterator[Site]:
    """Start everything, load two months of AAPL and MSFT, and stop everything at the end."""
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
            yield Site(f"http://127.0.0.1:{web_port}", admin["username"], admin["password"], environment)


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "ENV_FILE": str(folder / "no.env"),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "VAR_DIR": str(folder / "var"),
        "PRICES_PROVIDER": "synthetic",
        "PRICES_SYMBOLS": "AAPL,MSFT",
        "LOG_LEVEL": "WARNING",
    }


def _prepare(environment: dict[str, str]) -> dict[str, str]:
    manage(environment, "migrate", "-v0")
    manage(environment, "dynamodb_init")
    manage(environment, "collectstatic", "--no-input", "-v0")
    manage(environment, "fetch_prices", "--months", *MONTHS)
    manage(environment, "process_prices")
    admin: dict[str, str] = json.loads(manage(environment, "ensure_admin", "--json"))
    return admin
