"""How a provider's client asks leave before each request and reports what came of it. Knows no database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Protocol

from market.limits import Account
from market.providers.base import FatalError, ReplyKind


class BudgetSpent(FatalError):
    """The day's requests of the key are used up; none was sent. There are some again at `until` (aware UTC)."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(ReplyKind.BUDGET, message)
        self.until = until


class LedgerUnavailable(FatalError):
    """The request could not be counted, so it was not sent."""

    def __init__(self, message: str) -> None:
        super().__init__(ReplyKind.LEDGER, message)


class Attempt(Protocol):
    """One request that has been counted."""

    def settle(self, kind: ReplyKind, size: int, retry_after: float | None = None) -> None:
        """Say what came back. A refusal for too many requests holds everybody who shares the key back."""


class Gate(Protocol):
    """Counts requests before they are sent and lets through what the account allows."""

    def request(self, function: str, symbol: str, month: str) -> AbstractContextManager[Attempt]:
        """Wait for this request's turn and count it; leaving without `settle` means that no answer came.

        Raises BudgetSpent when the day has none left, and LedgerUnavailable.
        """


Gates = Callable[[Account], Gate]


class _OpenAttempt:
    def settle(self, kind: ReplyKind, size: int, retry_after: float | None = None) -> None:
        pass


class OpenGate:
    """Lets everything through uncounted."""

    @contextmanager
    def request(self, function: str, symbol: str, month: str) -> Iterator[Attempt]:
        yield _OpenAttempt()


def open_gates(account: Account) -> Gate:
    return OpenGate()
