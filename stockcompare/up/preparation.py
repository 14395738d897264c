"""`manage.py prepare` on this terminal: first what the web needs, then prices, while the web already answers."""

import json
import os
import select
import subprocess
from collections.abc import Callable, Mapping, Sequence

from stockcompare.up.leash import Leash, end_groups

_GRACE = 3.0


class PreparationFailed(RuntimeError):
    """`manage.py prepare` did not get through; it has said why on the terminal."""


class Preparation:
    """One run. It reports a new administrator through a pipe, never a file, and closes it once the web may start."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], leash: Leash) -> None:
        self._leash = leash
        self._reader, writer = os.pipe()
        self._report = b""
        self._process = subprocess.Popen(
            [*command, f"--report-to={writer}"],
            env={"LOG_LEVEL": "WARNING"} | dict(environment),
            stdin=subprocess.DEVNULL,
            pass_fds=[writer],
            process_group=0,
        )
        os.close(writer)
        leash.hold(self._process.pid)

    @property
    def new_admin(self) -> dict[str, str] | None:
        """The user name and password to show once, or None when there was an administrator already."""
        return json.loads(self._report) if self._report.strip() else None

    def wait_for_base(self, pause: Callable[[float], None]) -> None:
        """Return when databases, users and static files are ready. Raises PreparationFailed."""
        while not self._read_to_end():
            pause(0.05)
        if self._process.poll():
            self._raise_failed()

    def wait_for_prices(self, pause: Callable[[float], None]) -> None:
        """Return when the prices are loaded and processed. Raises PreparationFailed."""
        while self._process.poll() is None:
            pause(0.1)
        if self._process.returncode:
            self._raise_failed()

    def close(self) -> None:
        """End it if it still runs, without losing what it has reported."""
        if self._process.poll() is None:
            end_groups({self._process.pid}, grace=_GRACE)
            self._process.wait()
        self._leash.release(self._process.pid)
        while not self._read_to_end():
            pass
        os.close(self._reader)

    def _read_to_end(self) -> bool:
        """Take what the pipe holds without waiting; tell whether its writer has closed it."""
        while select.select([self._reader], [], [], 0)[0]:
            piece = os.read(self._reader, 65_536)
            if not piece:
                return True
            self._report += piece
        return False

    def _raise_failed(self) -> None:
        raise PreparationFailed("The start was broken off; see above.")
