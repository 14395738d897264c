"""`kill -9` of the embedded server and of the web process while people sign up. KILL_ROUNDS repeats it (20 each)."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
from django.contrib.auth import get_user_model
from django.core.management import call_command

from accounts.dynamo import claims, client, setup
from accounts.dynamo.tables import EmailClaim
from tests.dynamo import PASSWORD, start_command
from tests.servers import free_port, running, wait_for_port
from tests.web import Visitor, prepare, web_environment, web_process

User = get_user_model()
ROUNDS = int(os.environ.get("KILL_ROUNDS", "20"))
WRITERS = 4
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ADD = "/admin/accounts/user/add/"


class Town:
    """A site over a server that keeps its data; both can be killed and started again at the same addresses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {"dynamodb": free_port(), "web": free_port()}
        self.environment = web_environment(folder, self.dynamodb)
        self.processes: dict[str, ExitStack] = {}
        self.pids: dict[str, Any] = {}

    @property
    def dynamodb(self) -> str:
        return f"http://127.0.0.1:{self.ports['dynamodb']}"

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.ports['web']}"

    def start(self, what: str) -> None:
        stack = self.processes[what] = ExitStack()
        if what == "web":
            web = web_process(self.environment, self.ports["web"], self.folder / "web.log")
            self.pids[what] = stack.enter_context(web)
        else:
            log = stack.enter_context((self.folder / "dynamodb.log").open("ab"))
            command = start_command(self.ports["dynamodb"], self.folder)
            self.pids[what] = stack.enter_context(running(command, stdout=log, stderr=log, start_new_session=True))
            wait_for_port(self.ports["dynamodb"], self.pids[what])

    def kill(self, what: str) -> None:
        """End the process and its workers with no chance to tidy up."""
        os.killpg(self.pids[what].pid, 9)
        self.processes.pop(what).close()

    def close(self) -> None:
        for stack in self.processes.values():
            stack.close()


@pytest.fixture
def town(tmp_path: Path, settings: Any) -> Iterator[Town]:
    town = Town(tmp_path)
    settings.AWS_ENDPOINT_URL_DYNAMODB = town.dynamodb
    client._connect.cache_clear()
    try:
        town.start("dynamodb")
        setup.create_tables()
        yield town
    finally:
        town.close()


def write_until(stop: threading.Event, root: Visitor, numbers: "count[int]", acknowledged: list[str]) -> None:
    """Add users through the admin, as fast as it goes, and note those that the site said were added."""
    while not stop.is_set():
        name = f"user{next(numbers)}"
        form = {"username": name, "email": f"{name}@example.org", "usable_password": "true"}
        try:
            answer = root.send(ADD, {**form, "password1": "well-9-deep", "password2": "well-9-deep"})
        except requests.RequestException:
            time.sleep(0.02)
            continue
        assert answer.status_code in (302, 503), answer.text[:300]
        if answer.status_code == 302:
            assert "next=" not in answer.headers["Location"]
            acknowledged.append(name)


@pytest.mark.parametrize("victim", ["dynamodb", "web"])
def test_killed_under_load_no_acknowledged_user_is_lost(victim: str, town: Town) -> None:
    User.objects.create_superuser("root", "root@example.org", PASSWORD)
    prepare(town.environment)
    town.start("web")
    stop, numbers, acknowledged = threading.Event(), count(), list[str]()
    writers = [Visitor(town.site, "root").sign_in() for _ in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        loops = [pool.submit(write_until, stop, root, numbers, acknowledged) for root in writers]
        try:
            for _ in range(ROUNDS):
                enough, deadline = len(acknowledged) + 5, time.monotonic() + 60
                while len(acknowledged) < enough and time.monotonic() < deadline:
                    time.sleep(0.01)
                town.kill(victim)
                town.start(victim)
        finally:
            stop.set()
        for loop in loops:
            loop.result()

    assert len(acknowledged) >= 5 * ROUNDS
    there = {user.username: user.email for user in User.objects.all()}
    assert [name for name in acknowledged if there.get(name) != f"{name}@example.org"] == []
    assert not claims.compare()


def test_claims_that_a_kill_could_never_leave_are_mended_all_the_same(town: Town) -> None:
    for number in range(6):
        User.objects.create_user(f"user{number}", f"user{number}@example.org", PASSWORD)
    for number in range(3):
        EmailClaim(f"user{number}@example.org").delete()
        EmailClaim(f"lost{number}@example.org", username=f"user{number}").save()
    town.kill("dynamodb")
    town.start("dynamodb")
    assert len(claims.compare().orphans) == len(claims.compare().unclaimed) == 3

    call_command("check_user_claims", repair=True)

    assert not claims.compare()
    assert User.objects.get(email="user1@example.org").pk == "user1"
