"""Ask several providers for a cell, in order: the next one where one refuses it for good or has nothing of it.

What may pass (no answer, too many requests) is tried again by the cell's own retries and then fails the cell: another
provider's bars would stand there for reasons of a minute. A mistake in the request is nobody's absence either.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from market.ingest.commit import Verdict
from market.ingest.fetch import Fetcher
from market.ingest.plan import Cell
from market.providers.base import (
    EmptyError,
    FatalError,
    PermanentError,
    ProviderError,
    ReplyKind,
    RetryableError,
    UnreadableError,
)
from market.providers.chain import members_of
from market.providers.gate import BudgetSpent, LedgerUnavailable

# Among the errors of several providers the mildest counts: what one of them may have tomorrow is not refused for good.
_TOMORROW = (ReplyKind.BUDGET, ReplyKind.RATE_DAY)
_MILDEST_FIRST = (EmptyError, UnreadableError, PermanentError, FatalError)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of a cell, from whom, and `passed`: why providers before that one were passed over."""

    verdict: Verdict
    bars: int
    provider: str
    passed: tuple[str, ...]


class FailOver:
    """Remembers within one run who is out for good, and which symbols each does not know."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetchers = [replace(fetcher, provider=member) for member in members_of(fetcher.provider)]
        self._out: dict[str, ProviderError] = {}
        self._unknown: dict[tuple[str, str], ProviderError] = {}

    @property
    def all_out(self) -> bool:
        return len(self._out) == len(self._fetchers)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Say which providers were not asked any more, and why; nothing where there is one provider only."""
        if len(self._fetchers) == 1:
            return ()
        return tuple(f"{name} was left out: {error}" for name, error in self._out.items())

    def fetch(self, cell: Cell) -> Fetched:
        """Return the first good outcome. Raises ProviderError, as that of one provider, and LakeUnreachable."""
        passed: list[tuple[str, ProviderError]] = []
        for fetcher in self._fetchers:
            name = fetcher.provider.name
            try:
                verdict, bars = self._ask(fetcher, cell)
            except (RetryableError, LedgerUnavailable):
                raise
            except ProviderError as error:
                if error.kind is ReplyKind.BAD_REQUEST:
                    raise
                passed.append((name, error))
            else:
                return Fetched(verdict, bars, name, tuple(f"{who}: {why}" for who, why in passed))
        raise _joined(passed)

    def _ask(self, fetcher: Fetcher, cell: Cell) -> tuple[Verdict, int]:
        name = fetcher.provider.name
        if known := self._out.get(name) or self._unknown.get((name, cell.symbol)):
            raise known
        if not fetcher.provider.offers(cell.symbol, cell.month):
            raise EmptyError(ReplyKind.EMPTY, f"It has no bars of {cell.month}.")
        try:
            return fetcher.fetch(cell)
        except FatalError as error:
            self._out[name] = error
            raise
        except PermanentError as error:
            self._unknown[name, cell.symbol] = error
            raise


def _joined(passed: Sequence[tuple[str, ProviderError]]) -> ProviderError:
    """Return the mildest error, with what each provider said."""
    if len(passed) == 1:
        return passed[0][1]
    tomorrow = [error for _, error in passed if error.kind in _TOMORROW]
    by_kind = [error for kind in _MILDEST_FIRST for _, error in passed if isinstance(error, kind)]
    mildest = [*tomorrow, *by_kind][0]
    message = " ".join(f"{name}: {error}" for name, error in passed)
    if isinstance(mildest, BudgetSpent):
        return BudgetSpent(message, mildest.until)
    return type(mildest)(mildest.kind, message)
