"""When the next request may go out."""

import time
from collections import Counter
from collections.abc import Callable
from secrets import SystemRandom
from typing import TypeVar

from market.providers.base import ReplyKind, RetryableError

Sleep = Callable[[float], None]
T = TypeVar("T")
_MAX_ATTEMPTS = 6


class Pacer:
    """Keeps the requests of one run apart, and waits longer after refusals."""

    def __init__(self, requests_per_minute: float | None, sleep: Sleep = time.sleep) -> None:
        self._spacing = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._sleep = sleep
        self._next_at = 0.0

    def wait_turn(self) -> None:
        """Return when a request may be sent; the first one at once."""
        wait = self._next_at - time.monotonic()
        if wait > 0:
            self._sleep(wait)
        self._next_at = time.monotonic() + self._spacing

    def back_off(self, seconds: float) -> None:
        """Wait after a refusal; the spacing runs from its end."""
        self._sleep(seconds)


def delay_after(retry_after: float, failures: int) -> float:
    """Return seconds to wait after the n-th failure in a row: doubling, and up to half more at random.

    Without the random part, processes that were refused together would come back together.
    """
    return float(retry_after * 2.0 ** (failures - 1) * (1.0 + SystemRandom().uniform(0.0, 0.5)))


def with_retries(attempt: Callable[[], T], pacer: Pacer, note: Callable[[str], None]) -> T:
    """Return what an attempt gives, asking again as often as the kind of each failure allows.

    `note` is told of each wait. Raises what the last attempt raised.
    """
    failures: Counter[ReplyKind] = Counter()
    while True:
        pacer.wait_turn()
        try:
            return attempt()
        except RetryableError as error:
            failures[error.kind] += 1
            if failures[error.kind] >= error.attempts or failures.total() >= _MAX_ATTEMPTS:
                raise
            delay = delay_after(error.retry_after, failures[error.kind])
            note(f"{error.kind}, asking again in {delay:.0f} s")
            pacer.back_off(delay)
