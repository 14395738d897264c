"""The gate that every provider's client goes through, on top of the ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep

from market.budget.ledger import Asked, Clock, settle, take_turn
from market.limits import Account
from market.providers.base import ReplyKind
from market.providers.gate import Gates

Sleep = Callable[[float], None]

# Shorter than windows.IN_FLIGHT. A process that was stopped for longer after it counted a request does not send it:
# the others have stopped waiting for its arrival.
_SENT_WITHIN = 2.0


@dataclass
class LedgerAttempt:
    """A request that is in the ledger."""

    account: Account
    pk: int
    clock: Clock
    settled: bool = False

    def settle(self, kind: ReplyKind, size: int, retry_after: float | None = None) -> None:
        self.settled = True
        settle(self.account, self.pk, kind, self.clock(), size=size, retry_after=retry_after)


@dataclass(frozen=True)
class LedgerGate:
    """Lets a request through when it is counted and its turn has come."""

    account: Account
    clock: Clock
    sleep: Sleep
    keep_back: int = 0

    @contextmanager
    def request(self, function: str, symbol: str, month: str) -> Iterator[LedgerAttempt]:
        attempt = self._wait_for_turn(Asked(function, symbol, month))
        try:
            yield attempt
        finally:
            if not attempt.settled:
                attempt.settle(ReplyKind.TRANSPORT, 0)

    def _wait_for_turn(self, asked: Asked) -> LedgerAttempt:
        while True:
            began = monotonic()
            turn = take_turn(self.account, asked, self.clock, self.keep_back)
            if turn.attempt is None:
                self.sleep(turn.wait)
                continue
            attempt = LedgerAttempt(self.account, turn.attempt, self.clock)
            if monotonic() - began < _SENT_WITHIN:
                return attempt
            attempt.settle(ReplyKind.UNSENT, 0)


def ledger_gates(clock: Clock, sleep: Sleep = sleep, keep_back: int = 0) -> Gates:
    """Return what makes the gate of an account, for `get_provider`."""
    return lambda account: LedgerGate(account, clock, sleep, keep_back)
