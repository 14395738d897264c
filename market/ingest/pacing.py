"""When the next request may go out."""

import time
from collections.abc import Callable
from secrets import SystemRandom

Sleep = Callable[[float], None]


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
