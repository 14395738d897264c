"""Keeps services running until it is told to stop, then stops them in the reverse order of their start."""

import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Self

from stockcompare.up.service import Service

_LOOK_EVERY = 0.2
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Ctrl-C or SIGTERM. Like KeyboardInterrupt, no `except Exception` swallows it."""


class StopSignals:
    """Remember a stop signal until `pause`.

    An exception straight out of the handler could fall between starting a process and remembering it.
    """

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._remember) for number in _SIGNALS}
        return self

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.requested = True

    def pause(self, seconds: float) -> None:
        """Sleep a short while. Raises StopRequested once a stop signal came."""
        time.sleep(seconds)
        if self.requested:
            raise StopRequested

    def __exit__(self, *exc_info: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def watch(services: Sequence[Service], *, say: Callable[[str], None], pause: Callable[[float], None]) -> None:
    """Restart what dies or stalls, with a growing delay. Ends only by what `pause` raises."""
    while True:
        for service in services:
            name, log = service.program.name, service.program.log
            if service.died():
                say(f"The {name} stopped ({_reason(service.clear_up())}) and is started again. Log: {log}")
            elif service.stalled():
                service.stop()
                say(f"The {name} did nothing for too long and is started again. Log: {log}")
            if service.is_due():
                service.start()
        pause(_LOOK_EVERY)


def stop_all(services: Sequence[Service]) -> None:
    """Ask all but the first at once, then end them in reverse; the first (the database) outlives its clients."""
    for service in services[1:]:
        service.ask_to_stop()
    for service in reversed(services):
        service.stop()


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
