"""What symbol-months will cost of whom, and when the last is there; of one provider or of several in turn."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from market.budget.forecast import Forecast, forecast, in_words
from market.ingest.plan import Cell
from market.providers.base import Provider
from market.providers.chain import members_of

_UNLIMITED = 10**9
# How many cells there are for the members that offer them, by their positions.
_Waiting = Counter[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What each provider will be asked, in the order of asking; those that will be asked nothing are left out."""

    provider: str
    forecasts: tuple[tuple[str, Forecast], ...]

    def in_words(self) -> str:
        told = "; ".join(in_words(expected, name) for name, expected in self.forecasts)
        if not told:
            return f"no requests to {self.provider}"
        return f"{told} (what one of them lacks costs a request more)" if "," in self.provider else told


def outlook(provider: Provider, cells: Sequence[Cell], now: datetime) -> Outlook:
    """Foresee who is asked how much if all have what they offer and nobody else uses the keys.

    As in fetching, a cell is asked of the first provider that offers it and has requests left that day. Raises
    LedgerUnavailable.
    """
    members = members_of(provider)
    waiting: _Waiting = Counter(
        tuple(number for number, member in enumerate(members) if member.offers(cell.symbol, cell.month))
        for cell in cells
    )
    asked: Counter[int] = Counter()
    left = [_cells(member, forecast(member.account, 0, now).left_today) for member in members]
    while _ask(waiting, left, asked):
        left = [_cells(member, member.account.limits.per_day if member.account else None) for member in members]
        left = [max(1, count) for count in left]
    requests = [asked[number] * member.capabilities.requests_per_cell for number, member in enumerate(members)]
    each = zip(members, requests, strict=True)
    return Outlook(
        provider.name, tuple((member.name, forecast(member.account, count, now)) for member, count in each if count)
    )


def _ask(waiting: _Waiting, left: list[int], asked: Counter[int]) -> bool:
    """Let a day's requests be sent; tell whether cells are left for another day."""
    for offering in list(waiting):
        for number in offering:
            count = min(waiting[offering], left[number])
            waiting[offering] -= count
            left[number] -= count
            asked[number] += count
    return any(count for offering, count in waiting.items() if offering)


def _cells(member: Provider, requests: float | None) -> int:
    """Return how many cells so many requests are enough for."""
    cost = member.capabilities.requests_per_cell
    return _UNLIMITED if requests is None or not cost else int(requests) // cost
