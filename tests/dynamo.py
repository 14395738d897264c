"""A real DynamoDB API on loopback for tests: one server per worker, empty tables per test.

The server is the embedded one, or with DYNAMO_SERVER=local Amazon's DynamoDB Local.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest
from django.core.cache import cache as django_cache

from tests.servers import free_port, running, wait_for_port

TOOLS = Path(__file__).resolve().parent.parent / "tools"
BINARY = TOOLS / "node_modules/@dynoxide/linux-x64/dynoxide"
LOCAL_JARS = Path(os.environ.get("DYNAMODB_LOCAL_LIB", TOOLS / "dynamodb-local/lib"))
PASSWORD = "correct-horse-7"
# How long a crowded machine takes is not what most tests are about; those on faults ask for the real limits.
PATIENCE = {"CONNECT_SECONDS": 20.0, "READ_SECONDS": 60.0, "REQUEST_BUDGET_SECONDS": 600.0}
# What the clients in use were made with: a client is worth keeping from test to test.
_limits_of_clients: list[dict[str, float]] = []


def start_command(port: int, folder: Path) -> list[str]:
    """Return the command of an embedded server that keeps its data in `folder`."""
    binary = Path(os.environ.get("DYNOXIDE_BINARY", BINARY))
    if not binary.is_file():
        pytest.fail(f"The embedded DynamoDB server is not at {binary}: run `npm ci --prefix tools`.", pytrace=False)
    return [str(binary), "serve", "--host", "127.0.0.1", "--port", str(port), "--db-path", str(folder / "users.db")]


def start_local_command(port: int) -> list[str]:
    """Return the command of DynamoDB Local, its data in memory. Skips the test where it is not installed."""
    if shutil.which("java") is None or not LOCAL_JARS.is_dir():
        pytest.skip(f"DynamoDB Local needs Java 17 and its jars in {LOCAL_JARS}: install Maven and run `make test`")
    java = ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Djava.library.path={LOCAL_JARS}"]
    server = "software.amazon.dynamodb.services.local.main.ServerRunner"
    return [*java, "-cp", f"{LOCAL_JARS}/*", server, "-port", str(port), "-inMemory", "-sharedDb", "-disableTelemetry"]


@contextmanager
def dynamodb_server(kind: str = "embedded") -> Iterator[str]:
    """Run a DynamoDB server that keeps nothing: `embedded` or `local`. The value is its address."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="stockcompare-dynamodb-") as folder:
        command = start_local_command(port) if kind == "local" else start_command(port, Path(folder))
        log = (Path(folder) / "log").open("wb")
        with log, running(command, stdout=log, stderr=log) as process:
            wait_for_port(port, process)
            yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def dynamodb_url() -> Iterator[str]:
    """Yield the address of a DynamoDB server that lives as long as the test session."""
    with dynamodb_server(os.environ.get("DYNAMO_SERVER", "embedded")) as url, pytest.MonkeyPatch.context() as patch:
        # A tenth of a second of each client goes into reading botocore's descriptions of the service once more.
        patch.setattr("botocore.session.create_loader", cache(botocore.loaders.create_loader))
        yield url


@pytest.fixture
def user_store(
    dynamodb_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> str:
    """Lead accounts to the server, with all tables there and empty. The value is the server's address."""
    from accounts.dynamo import client, setup
    from accounts.dynamo.tables import TABLES

    limits = {} if "real_limits" in request.keywords else PATIENCE
    for name, seconds in limits.items():
        monkeypatch.setattr(client, name, seconds)
    if _limits_of_clients != [limits]:
        client._connect.cache_clear()
        _limits_of_clients[:] = [limits]
    settings.AWS_ENDPOINT_URL_DYNAMODB = dynamodb_url
    setup.create_tables()
    for table in TABLES:
        with table.batch_write() as batch:
            for item in table.scan():
                batch.delete(item)
    django_cache.clear()
    return dynamodb_url


@pytest.fixture
def make_user(user_store: str) -> Callable[..., Any]:
    """Return a function that writes a user whose password is PASSWORD: `make_user("ada", role="analyst")`."""
    from accounts.models import User

    def make(username: str = "ada", **fields: Any) -> User:
        fields.setdefault("email", f"{username}@example.org")
        create = User.objects.create_superuser if fields.pop("superuser", False) else User.objects.create_user
        return create(username, fields.pop("email"), fields.pop("password", PASSWORD), **fields)

    return make
