"""`make up` as a newcomer runs it: a clean copy, an empty home folder, twice (once its port is taken), nothing left."""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import requests

from stockcompare.up.ports import wait_until
from tests.conftest import REPOSITORY
from tests.servers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Installing takes minutes and is the same code as for this checkout, which has just done it.
REUSED = (".venv", "frontend/node_modules", "tools/node_modules", "static/build")


@dataclass
class Run:
    """One `make up`, with what it has printed so far."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reader = Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout:
            for line in self.process.stdout:
                self.lines.append(line.rstrip("\n"))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def shown(self, label: str) -> str:
        """Return the value beside a label in the box."""
        match = re.search(rf"│ {label} +(\S+)", self.text)
        return match[1] if match else ""

    def wait_for_box(self) -> None:
        wait_until(lambda: "Ctrl-C" in self.text or self.process.poll() is not None, seconds=300)
        assert "Ctrl-C" in self.text, self.text

    def finish(self) -> None:
        """End it, if it still runs, and collect it."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join(20)

    def interrupt(self) -> None:
        """Ctrl-C: the terminal sends the signal to every process of the foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(60)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """Return a copy of what git would give, with this checkout's installed packages and build."""
    tree = tmp_path / "checkout"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (REPOSITORY / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, tree / name)
    for name in REUSED:
        if (REPOSITORY / name).exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).symlink_to(REPOSITORY / name)
    yield tree
    for process in processes_of(tree):
        os.kill(process, signal.SIGKILL)


@pytest.fixture
def make_up(tree: Path) -> Iterator[Callable[[int], Run]]:
    """Start `make up` in the tree with a wanted port."""
    runs: list[Run] = []

    def make_up(port: int) -> Run:
        runs.append(start(tree, port))
        return runs[-1]

    yield make_up
    for run in runs:
        run.finish()


def start(tree: Path, port: int) -> Run:
    home = tree.parent / "home"
    home.mkdir(exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "WEB_PORT": str(port), "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        ["make", "up"],
        cwd=tree,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )
    return Run(process)


def processes_of(tree: Path) -> list[int]:
    """Return the processes that work in the tree, other than those that are dead and not yet collected."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                folder = (entry / "cwd").readlink()
            except OSError:
                continue
            if folder == tree:
                found.append(int(entry.name))
    return found


def sign_in(address: str, username: str, password: str) -> requests.Session:
    session = requests.Session()
    session.get(f"{address}sign-in/", timeout=30)
    form = {"username": username, "password": password, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    answer = session.post(f"{address}sign-in/", data=form, headers={"Referer": f"{address}sign-in/"}, timeout=30)
    assert answer.status_code == 200
    assert "/sign-in/" not in answer.url, answer.text
    return session


@contextmanager
def someone_at(port: int) -> Iterator[None]:
    """Take a port that was in use a moment ago."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        yield


def test_two_starts_keep_users_and_prices_and_leave_no_process(tree: Path, make_up: Callable[[int], Run]) -> None:
    port = free_port()

    first = make_up(port)
    first.wait_for_box()
    address, username, password = first.shown("Open"), first.shown("User"), first.shown("Password")
    assert f":{port}/" in address
    session = sign_in(address, username, password)
    page = session.get(f"{address}{settled_weeks()}", timeout=60)
    assert page.status_code == 200
    assert "AAPL against MSFT" in page.text
    assert "synthetic market" in page.text
    assert (tree / ".env").stat().st_mode & 0o777 == 0o600

    other = make_up(port)
    assert other.process.wait(120) != 0
    assert wait_until(lambda: "already runs here" in other.text, seconds=30), other.text
    assert address in other.text

    first.interrupt()
    assert wait_until(lambda: processes_of(tree) == [], seconds=60)
    assert "Traceback" not in first.text

    with someone_at(port):
        second = make_up(port)
        second.wait_for_box()
    assert f"Port {port} is taken" in second.text
    assert second.shown("Password") == ""
    address = second.shown("Open")
    assert f":{port}/" not in address
    again = sign_in(address, username, password).get(f"{address}{settled_weeks()}", timeout=60)
    assert rows_of(again.text) == rows_of(page.text) != []
    assert "synthetic market" in again.text

    supervisor = supervisor_of(tree)
    os.kill(supervisor, signal.SIGKILL)
    assert wait_until(lambda: processes_of(tree) == [], seconds=60)


def settled_weeks() -> str:
    """Return the page of weeks that are over: while the market is open, each start brings newer minutes of today."""
    today = datetime.now(UTC).date()
    return f"compare/AAPL/MSFT/?from={today - timedelta(days=40)}&to={today - timedelta(days=5)}"


def rows_of(html: str) -> list[str]:
    return re.findall(r'<td class="number">[^<]*</td>', html)


def supervisor_of(tree: Path) -> int:
    for process in processes_of(tree):
        if b"stockcompare.up" in Path(f"/proc/{process}/cmdline").read_bytes():
            return process
    raise AssertionError("no supervisor runs")
