"""The real web process on loopback, and a person with a browser who visits it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from stockcompare.up.plan import web_command
from tests.conftest import REPOSITORY
from tests.dynamo import PASSWORD
from tests.servers import free_port, running, wait_for_port

MIGRATE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""


def web_environment(folder: Path, dynamodb: str) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.web_settings",
        "TEST_DATABASE_URL": f"sqlite:///{folder}/web.sqlite3",
        "TEST_DYNAMODB_URL": dynamodb,
        "LOG_LEVEL": "WARNING",
    }


def prepare(environment: dict[str, str]) -> None:
    """Make the relational database."""
    subprocess.run([sys.executable, "-c", MIGRATE], cwd=REPOSITORY, env=environment, check=True)


@contextmanager
def web_process(environment: dict[str, str], port: int, log: Path) -> "Iterator[subprocess.Popen[Any]]":
    """Serve the site with the command of `make up`, but room for every visitor of a test at once."""
    command = web_command("127.0.0.1", port, workers=1)
    command[command.index("--blocking-threads") + 1] = "32"
    with (
        log.open("ab") as output,
        running(command, cwd=REPOSITORY, env=environment, stdout=output, stderr=output, start_new_session=True) as web,
    ):
        wait_for_port(port, web)
        yield web


@contextmanager
def website(folder: Path, dynamodb: str) -> Iterator[str]:
    """Run the site over a DynamoDB; the value is its address."""
    environment, port = web_environment(folder, dynamodb), free_port()
    prepare(environment)
    with web_process(environment, port, folder / "web.log"):
        yield f"http://127.0.0.1:{port}"


@dataclass
class Visitor:
    """A browser: it keeps cookies, sends forms with their token, and remembers its access token."""

    site: str
    username: str = ""
    bearer: dict[str, str] = field(default_factory=dict)
    http: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str) -> requests.Response:
        return self.http.get(self.site + path, headers=self.bearer, allow_redirects=False, timeout=20)

    def call(self, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        """Send a request to the API as the site's own script does."""
        headers = self.bearer | {"X-Requested-With": "fetch"}
        return self.http.post(self.site + path, json=body, headers=headers, allow_redirects=False, timeout=20)

    def send(self, path: str, data: dict[str, str] | None = None) -> requests.Response:
        """Send a form."""
        form = {"csrfmiddlewaretoken": self.http.cookies.get("csrftoken", ""), **(data or {})}
        return self.http.post(self.site + path, form, allow_redirects=False, timeout=20)

    def sign_in(self, *, password: str = PASSWORD) -> "Visitor":
        """Sign in on the page; staff can open the admin then."""
        if "csrftoken" not in self.http.cookies:
            self.get("/sign-in/")
        answer = self.send("/sign-in/", {"username": self.username, "password": password})
        assert answer.status_code == 302, answer.text
        return self

    def take_token(self) -> "Visitor":
        """Sign in at the API."""
        answer = self.call("/api/v1/auth/token/", {"username": self.username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.bearer = {"Authorization": f"Bearer {answer.json()['access']}"}
        return self


def is_served(visitor: Visitor) -> bool:
    """True when the site answers at all."""
    with suppress(requests.RequestException):
        return visitor.get("/sign-in/").status_code == 200
    return False
