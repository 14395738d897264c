"""At most one `make up` per VAR_DIR: a lock that the kernel drops when its holder dies."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(RuntimeError):
    """Another `make up` holds this VAR_DIR; the message has its address and process number."""


class Instance:
    """The lock file, which tells a second start (and a person) where the first one is."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def describe(self, **facts: str | int) -> None:
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps({"process": os.getpid()} | facts).encode(), 0)


@contextmanager
def single_instance(path: Path) -> Iterator[Instance]:
    """Hold the lock. Raises AlreadyRunning."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyRunning(_where(path)) from None
    else:
        yield Instance(descriptor)
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _where(path: Path) -> str:
    try:
        facts = json.loads(path.read_text())
    except ValueError:
        facts = {}
    address = facts.get("address", "an address that it will print")
    return (
        f"StockCompare already runs here, at {address} (process {facts.get('process', 'unknown')}). "
        "Stop that one with Ctrl-C first, or set VAR_DIR and WEB_PORT for a second, separate one."
    )
