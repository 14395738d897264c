"""Management commands in processes of their own, forked from one that has loaded what they need: no start-up time."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

REPOSITORY = Path(__file__).resolve().parents[1]
END_SECONDS = 100

# Forks a process for each line it reads, which runs a command in the environment named there; tells the number of the
# process, then all that it prints, and how it ended.
SERVER = """
import importlib, json, os, sys, traceback
import django
from django.conf import empty, settings
from django.core.management import execute_from_command_line

def run(environment, arguments):
    os.environ.clear()
    os.environ.update(environment, DJANGO_SETTINGS_MODULE=settings.SETTINGS_MODULE)
    del sys.modules["stockcompare.settings"]
    settings._wrapped = empty
    try:
        execute_from_command_line(["manage.py", *arguments])
    except SystemExit as ended:
        return ended.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

django.setup()
for module in sys.argv[1:]:
    importlib.import_module(module)
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(1, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        code = run(*json.loads(line))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    print(f"forked {child}", flush=True)
    print(f"\\nended {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}", flush=True)
"""


class Forked:
    """A command under way."""

    def __init__(self, pid: int, told: IO[str]) -> None:
        self.pid = pid
        self.code: int | None = None
        self._told = told

    def lines(self) -> Iterator[str]:
        """Give what it prints, line by line, until it has ended."""
        while self.code is None:
            line = self._told.readline()
            if not line:
                raise RuntimeError("the process that forks has ended")
            what, _, code = line.partition("ended ")
            if what:
                yield line
            else:
                self.code = int(code)

    def ends_within(self, seconds: float) -> bool:
        with suppress(ProcessLookupError):
            process = os.pidfd_open(self.pid)
            try:
                return bool(select.select([process], [], [], seconds)[0])
            finally:
                os.close(process)
        return True

    def kill(self) -> bool:
        """Kill it, unless it has ended by itself; tell whether it was killed."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        list(self.lines())
        return self.code == -signal.SIGKILL

    def finish(self) -> tuple[int | None, str]:
        """Return how it ended and what it printed since; it is killed when it does not come to an end."""
        if not self.ends_within(END_SECONDS):
            self.kill()
        output = "".join(self.lines())
        return self.code, output


class Forks:
    """Starts one command at a time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin
        assert process.stdout
        self._asked, self._told = process.stdin, process.stdout

    def start(self, environment: dict[str, str], *arguments: str) -> Forked:
        self._asked.write(json.dumps([environment, arguments]) + "\n")
        self._asked.flush()
        return Forked(int(self._told.readline().removeprefix("forked ")), self._told)


@contextmanager
def forks(environment: dict[str, str], *modules: str) -> Iterator[Forks]:
    """Load Django's settings from an environment, and modules; commands fork from there until the context ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, *modules],
        env=environment | {"DJANGO_SETTINGS_MODULE": "stockcompare.settings"},
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Forks(process)
