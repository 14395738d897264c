"""Real processes under the supervisor: restarts, stops, and what a kill -9 leaves."""

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stockcompare.up.instance import AlreadyRunning, single_instance
from stockcompare.up.leash import Leash
from stockcompare.up.ports import NoFreePort, any_free_port, choose_port, is_free, wait_until
from stockcompare.up.service import FIRST_DELAY, Program, Service, ServiceFailed
from stockcompare.up.supervisor import stop_all, watch

SLEEP = "import time; time.sleep(600)"
# Starts a second process, writes both numbers down, and ignores the polite signal.
STUBBORN_PAIR = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", code])
pathlib.Path("pids.new").write_text(f"{os.getpid()} {child.pid}")
os.replace("pids.new", "pids")
time.sleep(600)
"""


class Enough(BaseException):
    """Ends `watch`, as a stop signal does."""


def runs(process: int) -> bool:
    """Tell whether a process runs; one that is dead but not yet collected does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def read_pids(folder: Path) -> list[int]:
    assert wait_until((folder / "pids").exists, seconds=20)
    return [int(number) for number in (folder / "pids").read_text().split()]


def stop_when(condition: Callable[[], bool]) -> Callable[[float], None]:
    deadline = time.monotonic() + 30

    def pause(seconds: float) -> None:
        assert time.monotonic() < deadline, "the condition never came true"
        if condition():
            raise Enough
        time.sleep(0.02)

    return pause


@pytest.fixture
def leash() -> Iterator[Leash]:
    with Leash() as leash:
        yield leash


def program(folder: Path, code: str, *, grace: float = 5.0, ready: Callable[[], bool] = lambda: True) -> Program:
    environment = dict(os.environ)
    command = [sys.executable, "-c", f"import os; os.chdir({str(folder)!r})\n{code}"]
    return Program("sleeper", command, environment, folder / "log/sleeper.log", ready=ready, grace=grace)


def test_a_service_that_dies_is_started_again_and_said_so(tmp_path: Path, leash: Leash) -> None:
    service = Service(program(tmp_path, SLEEP), leash)
    service.start()
    assert service.process
    first = service.process.pid
    said: list[str] = []

    os.kill(first, signal.SIGKILL)
    with pytest.raises(Enough):
        watch(
            [service],
            say=said.append,
            pause=stop_when(lambda: service.process is not None and service.process.pid != first),
        )

    assert len(said) == 1
    assert "sleeper stopped (signal SIGKILL)" in said[0]
    service.stop()


def test_the_pause_before_a_restart_grows_while_it_keeps_dying(tmp_path: Path, leash: Leash) -> None:
    service = Service(program(tmp_path, "raise SystemExit(3)"), leash)
    service.start()
    said: list[str] = []

    with pytest.raises(Enough):
        watch([service], say=said.append, pause=stop_when(lambda: len(said) == 2))

    assert "exit code 3" in said[1]
    assert service.delay == FIRST_DELAY * 4
    service.stop()


def test_a_service_that_lives_but_does_nothing_is_started_again(tmp_path: Path, leash: Leash) -> None:
    stalling = dataclasses.replace(program(tmp_path, SLEEP), pulse=tmp_path / "pulse", patience=0.3)
    service = Service(stalling, leash)
    service.start()
    assert service.process
    first = service.process.pid
    said: list[str] = []

    with pytest.raises(Enough):
        watch(
            [service],
            say=said.append,
            pause=stop_when(lambda: service.process is not None and service.process.pid != first),
        )

    assert "did nothing for too long" in said[0]
    assert not runs(first)
    service.stop()


def test_a_service_with_a_pulse_is_left_alone(tmp_path: Path, leash: Leash) -> None:
    beating = "import pathlib, time\nwhile True:\n    pathlib.Path('pulse').touch()\n    time.sleep(0.05)"
    service = Service(dataclasses.replace(program(tmp_path, beating), pulse=tmp_path / "pulse", patience=5), leash)
    service.start()
    assert wait_until((tmp_path / "pulse").exists, seconds=20)
    ends = time.monotonic() + 1

    with pytest.raises(Enough):
        watch([service], say=pytest.fail, pause=stop_when(lambda: time.monotonic() > ends))

    service.stop()


def test_what_a_dead_service_left_behind_is_ended_before_its_restart(tmp_path: Path, leash: Leash) -> None:
    service = Service(program(tmp_path, STUBBORN_PAIR), leash)
    service.start()
    parent, child = read_pids(tmp_path)

    os.kill(parent, signal.SIGKILL)
    assert wait_until(service.died, seconds=10)
    service.clear_up()

    assert wait_until(lambda: not runs(child), seconds=30)


def test_a_service_that_ignores_the_polite_signal_is_killed_with_all_its_processes(
    tmp_path: Path, leash: Leash
) -> None:
    service = Service(program(tmp_path, STUBBORN_PAIR, grace=0.3), leash)
    service.start()
    pids = read_pids(tmp_path)

    stop_all([service])

    assert wait_until(lambda: not any(runs(pid) for pid in pids), seconds=30)


def test_a_service_that_is_never_ready_fails_with_the_end_of_its_log(tmp_path: Path, leash: Leash) -> None:
    code = "print('cannot open the database', flush=True); import time; time.sleep(600)"
    service = Service(program(tmp_path, code, ready=lambda: False), leash)

    service.start()
    with pytest.raises(ServiceFailed, match=r"not ready after 1 seconds(.|\n)*cannot open the database"):
        service.wait_until_ready(seconds=1)

    assert service.process is None


def test_a_killed_supervisor_leaves_no_process(tmp_path: Path) -> None:
    script = f"""
import sys, time
from pathlib import Path
from stockcompare.up.leash import Leash
from stockcompare.up.service import Program, Service
import os
code = {STUBBORN_PAIR!r}
command = [sys.executable, "-c", code]
with Leash() as leash:
    Service(Program("pair", command, os.environ, Path("log/pair.log")), leash).start()
    time.sleep(600)
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    supervisor = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, env=environment)
    pids = read_pids(tmp_path)
    assert all(runs(pid) for pid in pids)

    supervisor.kill()
    supervisor.wait()

    assert wait_until(lambda: not any(runs(pid) for pid in pids), seconds=15)


def test_a_second_instance_is_told_where_the_first_one_is(tmp_path: Path) -> None:
    lock = tmp_path / "run/up.lock"

    with single_instance(lock) as first:
        first.describe(address="http://localhost:8000/")
        where = rf"http://localhost:8000/ \(process {os.getpid()}\)"
        with pytest.raises(AlreadyRunning, match=where), single_instance(lock):
            pass

    with single_instance(lock):
        pass


def test_a_taken_port_leads_to_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert not is_free("127.0.0.1", port)
        assert choose_port("127.0.0.1", port) > port
        with pytest.raises(NoFreePort, match="WEB_PORT"):
            choose_port("127.0.0.1", port, tries=1)

    assert choose_port("127.0.0.1", port) == port
    assert is_free("127.0.0.1", any_free_port("127.0.0.1"))
