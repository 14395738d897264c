"""One long-running program with its log file: started in a process group of its own, watched, restarted, stopped."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stockcompare.up.leash import Leash, ask, send
from stockcompare.up.ports import wait_until

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0
_LOG_LIMIT_BYTES = 5_000_000


class ServiceFailed(RuntimeError):
    """A service could not be started; the message ends with the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a service runs. `ready` tells whether it can be used; `grace` is how many seconds its stop may take.

    `pulse` is a file that a healthy service touches at least every `patience` seconds.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool] = lambda: True
    grace: float = 6.0
    pulse: Path | None = None
    patience: float = 300.0


@dataclass(slots=True)
class Service:
    """A program that should be running. Not thread-safe: one supervisor calls it."""

    program: Program
    leash: Leash
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = FIRST_DELAY
    not_before: float = 0.0
    beat: float = 0.0
    beat_at: float = 0.0

    def start(self) -> None:
        self.program.log.parent.mkdir(parents=True, exist_ok=True)
        _rotate(self.program.log)
        with self.program.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.program.command,
                env=dict(self.program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self.leash.hold(self.process.pid)
        self.started = time.monotonic()

    def wait_until_ready(self, *, seconds: float, pause: Callable[[float], None] = time.sleep) -> None:
        """Return once the started service can be used. Raises ServiceFailed."""
        settled = wait_until(lambda: self.died() or self.program.ready(), seconds=seconds, pause=pause)
        if self.died() or not settled:
            why = "stopped at once" if self.died() else f"was not ready after {seconds:.0f} seconds"
            self.stop()
            raise ServiceFailed(f"The {self.program.name} {why}. The end of {self.program.log}:\n{self._log_tail()}")

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stalled(self) -> bool:
        """Tell whether it runs but has not touched its pulse for too long, by a clock that stands still in sleep."""
        if self.process is None or self.program.pulse is None:
            return False
        beat = self.program.pulse.stat().st_mtime if self.program.pulse.exists() else 0.0
        if beat != self.beat:
            self.beat, self.beat_at = beat, time.monotonic()
        return time.monotonic() - max(self.beat_at, self.started) > self.program.patience

    def clear_up(self) -> int:
        """After a death: end what the process left behind, plan the restart, return the exit code."""
        code = self.process.returncode if self.process else 0
        if time.monotonic() - self.started > STEADY_SECONDS:
            self.delay = FIRST_DELAY
        self._forget()
        self.not_before = time.monotonic() + self.delay
        self.delay = min(self.delay * 2, LONGEST_DELAY)
        return code

    def is_due(self) -> bool:
        return self.process is None and time.monotonic() >= self.not_before

    def ask_to_stop(self) -> None:
        if self.process:
            ask(self.process.pid)

    def stop(self) -> None:
        """End the whole process group, gently first. Does nothing when it is not running."""
        if not self.process:
            return
        group = self.process
        self.ask_to_stop()
        try:
            group.wait(self.program.grace)
        except subprocess.TimeoutExpired:
            send(group.pid, signal.SIGKILL)
            group.wait()
        self._forget()

    def _forget(self) -> None:
        if self.process:
            # Its first process has been collected, so that only the group may still be addressed by this number.
            send(self.process.pid, signal.SIGKILL)
            self.leash.release(self.process.pid)
            self.process = None

    def _log_tail(self, lines: int = 15) -> str:
        return "\n".join(self.program.log.read_text(errors="replace").splitlines()[-lines:])


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
