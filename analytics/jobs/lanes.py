"""Several pieces of work at a time, which stop at the first that fails."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from types import TracebackType
from typing import Self, TypeVar

Result = TypeVar("Result")


class Stopped(Exception):
    """Other work failed or was interrupted, so this must have no effect any more; never the failure of a run."""


class Lanes:
    """Threads that work until the context ends, which waits for what is under way.

    Open it within what the work needs: the embedded engine never comes to a stop while it is asked something.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="lane")
        self._lock = Lock()
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._stop(error)
        self._pool.shutdown(cancel_futures=True)

    def check(self) -> None:
        """Raise Stopped when nothing may be begun or committed any more."""
        if self._failure is not None:
            raise Stopped

    def run(self, pieces: Iterable[Callable[[], Result]]) -> Iterator[Result]:
        """Do pieces of work, begun in their order, and give what came of each in that order, too.

        What was done by the first failure is given before that is raised, once no work is under way any more.
        """
        done = [self._pool.submit(self._attempt, piece) for piece in pieces]
        try:
            for future in done:
                if future.exception() is None:
                    yield future.result()
        except BaseException as error:
            self._stop(error)
            raise
        if self._failure is not None:
            raise self._failure

    def _attempt(self, piece: Callable[[], Result]) -> Result:
        self.check()
        try:
            return piece()
        except BaseException as error:
            self._stop(error)
            raise

    def _stop(self, error: BaseException) -> None:
        with self._lock:
            self._failure = self._failure or error
