"""A real DynamoDB API on loopback for tests: one embedded server per worker, empty tables per test."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from tests.servers import free_port, running, wait_for_port

BINARY = Path(__file__).resolve().parent.parent / "tools/node_modules/@dynoxide/linux-x64/dynoxide"
PASSWORD = "correct-horse-7"
# How long a crowded machine takes is not what most tests are about; those on faults ask for the real limits.
PATIENCE = {"CONNECT_SECONDS": 20.0, "READ_SECONDS": 60.0, "REQUEST_BUDGET_SECONDS": 600.0}


def start_command(port: int, folder: Path) -> list[str]:
    """Return the command of an embedded server that keeps its data in `folder`."""
    binary = Path(os.environ.get("DYNOXIDE_BINARY", BINARY))
    if not binary.is_file():
        pytest.fail(f"The embedded DynamoDB server is not at {binary}: run `npm ci --prefix tools`.", pytrace=False)
    return [str(binary), "serve", "--host", "127.0.0.1", "--port", str(port), "--db-path", str(folder / "users.db")]


@pytest.fixture(scope="session")
def dynamodb_url() -> Iterator[str]:
    """Yield the address of an embedded DynamoDB server that lives as long as the test session."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="stockcompare-dynamodb-") as folder:
        log = (Path(folder) / "log").open("wb")
        with log, running(start_command(port, Path(folder)), stdout=log, stderr=log) as process:
            wait_for_port(port, process)
            yield f"http://127.0.0.1:{port}"


@pytest.fixture
def user_store(
    dynamodb_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> str:
    """Lead accounts to the embedded server, with all tables there and empty. The value is the server's address."""
    from accounts.dynamo import client, setup
    from accounts.dynamo.tables import TABLES

    if "real_limits" not in request.keywords:
        for name, seconds in PATIENCE.items():
            monkeypatch.setattr(client, name, seconds)
    client._connect.cache_clear()
    settings.AWS_ENDPOINT_URL_DYNAMODB = dynamodb_url
    setup.create_tables()
    for table in TABLES:
        with table.batch_write() as batch:
            for item in table.scan():
                batch.delete(item)
    cache.clear()
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
