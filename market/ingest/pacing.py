"""How long to wait after a refusal. The pace of requests is the budget's (market.budget)."""

from collections import Counter
from collections.abc import Callable
from secrets import SystemRandom
from typing import TypeVar

from market.providers.base import ReplyKind, RetryableError

Sleep = Callable[[float], None]
T = TypeVar("T")
_MAX_ATTEMPTS = 6


def delay_after(retry_after: float, failures: int) -> float:
    """Return seconds to wait after the n-th failure in a row: doubling, and up to half more at random.

    Without the random part, processes that were refused together would come back together.
    """
    return float(retry_after * 2.0 ** (failures - 1) * (1.0 + SystemRandom().uniform(0.0, 0.5)))


def with_retries(attempt: Callable[[], T], sleep: Sleep, note: Callable[[str], None]) -> T:
    """Return what an attempt gives, asking again as often as the kind of each failure allows.

    `note` is told of each wait. Raises what the last attempt raised.
    """
    failures: Counter[ReplyKind] = Counter()
    while True:
        try:
            return attempt()
        except RetryableError as error:
            failures[error.kind] += 1
            if failures[error.kind] >= error.attempts or failures.total() >= _MAX_ATTEMPTS:
                raise
            delay = delay_after(error.retry_after, failures[error.kind])
            note(f"{error.kind}, asking again in {delay:.0f} s")
            sleep(delay)
