"""A second, tiny process that ends the services should the supervisor die without stopping them (kill -9).

The kernel closes the pipe of a process that died, whatever killed it; that end of file is the signal. A parent-death
signal (prctl) would reach only the direct children, not the workers that they started.
"""

import os
import signal
import time
from typing import Self

_GRACE_SECONDS = 4.0


class Leash:
    """Hold process groups: they are ended when the process that made the leash is gone."""

    def __init__(self) -> None:
        reader, self._writer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._writer)
            _guard(reader)
            os._exit(0)
        os.close(reader)

    def hold(self, group: int) -> None:
        os.write(self._writer, f"+{group}\n".encode())

    def release(self, group: int) -> None:
        os.write(self._writer, f"-{group}\n".encode())

    def close(self) -> None:
        os.close(self._writer)
        os.waitpid(self._pid, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _guard(reader: int) -> None:
    # Away from the terminal's process group: Ctrl-C must not end the guard before its charges.
    os.setsid()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    groups: set[int] = set()
    with os.fdopen(reader) as lines:
        for line in lines:
            group = int(line[1:])
            groups.add(group) if line[0] == "+" else groups.discard(group)
    end_groups(groups, grace=_GRACE_SECONDS)


def end_groups(groups: set[int], *, grace: float) -> None:
    """Ask the groups to stop, and kill what is left of them after `grace` seconds."""
    deadline = time.monotonic() + grace
    alive = {group for group in groups if ask(group)}
    while alive and time.monotonic() < deadline:
        time.sleep(0.05)
        alive = {group for group in alive if send(group, 0)}
    for group in alive:
        send(group, signal.SIGKILL)


def ask(group: int) -> bool:
    """Ask a group's first process to stop, which ends its own children in their order; without it, ask all of them.

    django-q2's processes in between die of SIGTERM at once, and the first one would then wait for them for ever.
    """
    try:
        os.kill(group, signal.SIGTERM)
    except ProcessLookupError:
        return send(group, signal.SIGTERM)
    return True


def send(group: int, number: int) -> bool:
    """Send a signal to a process group (0 only asks); tell whether any process was there."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True
