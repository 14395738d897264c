"""Watching, pausing, resuming and cancelling the plan."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, QuerySet

from market.models import BackfillCell, CellState

_FILES = "files"
ACTIVE = (CellState.PLANNED, CellState.FETCHING)


@dataclass(frozen=True, slots=True)
class SymbolPlan:
    """The cells of one symbol: how many in each state, from `first_month` to `last_month`."""

    symbol: str
    states: Counter[str]
    first_month: str
    last_month: str

    @property
    def total(self) -> int:
        return self.states.total()


def plan_by_symbol(lake: str) -> list[SymbolPlan]:
    """Return the plan of a lake by symbol, in the alphabet's order."""
    rows = BackfillCell.objects.filter(lake=lake).order_by().values("symbol", "state")
    plans: dict[str, SymbolPlan] = {}
    for row in rows.annotate(cells=Count("pk"), first=Min("month"), last=Max("month")):
        known = plans.get(row["symbol"]) or SymbolPlan(row["symbol"], Counter(), row["first"], row["last"])
        plans[row["symbol"]] = SymbolPlan(
            row["symbol"],
            known.states + Counter({row["state"]: row["cells"]}),
            min(known.first_month, row["first"]),
            max(known.last_month, row["last"]),
        )
    return [plans[symbol] for symbol in sorted(plans)]


def to_fetch_from(lake: str, provider: str) -> QuerySet[BackfillCell]:
    """Return the cells that a provider may fetch: all but those of files, which only the files themselves have."""
    cells = BackfillCell.objects.filter(lake=lake)
    return cells.filter(provider=_FILES) if provider == _FILES else cells.exclude(provider=_FILES)


def failures(lake: str, most: int = 20) -> QuerySet[BackfillCell]:
    return BackfillCell.objects.filter(lake=lake, state__in=(CellState.FAILED, CellState.ABSENT))[:most]


def pause(lake: str, symbols: Sequence[str], now: datetime) -> int:
    """Hold planned cells back; what is being fetched comes to its end. Return how many."""
    return _move(lake, symbols, (CellState.PLANNED,), CellState.PAUSED, now)


def resume(lake: str, symbols: Sequence[str], now: datetime, *, failed: bool = False) -> int:
    """Plan paused cells again, and with `failed` those that failed or were absent, too."""
    states = (CellState.PAUSED, *((CellState.FAILED, CellState.ABSENT) if failed else ()))
    return _move(lake, symbols, states, CellState.PLANNED, now)


def cancel(lake: str, symbols: Sequence[str], now: datetime) -> int:
    """Drop what is planned, paused or failed; bars that are in the lake stay."""
    states = (CellState.PLANNED, CellState.PAUSED, CellState.FAILED)
    return _move(lake, symbols, states, CellState.CANCELLED, now)


def _move(lake: str, symbols: Sequence[str], states: Sequence[CellState], to: CellState, now: datetime) -> int:
    """Move cells of the named symbols, or of all when none is named."""
    cells = BackfillCell.objects.filter(lake=lake, state__in=states)
    if symbols:
        cells = cells.filter(symbol__in=symbols)
    return cells.update(state=to, tries=0, changed_at=now)


ACTIONS = {"pause": pause, "resume": resume, "cancel": cancel}
