"""The plan in words, for terminals."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from market.backfill.control import ACTIVE, SymbolPlan, failures, plan_by_symbol, to_fetch_from
from market.backfill.outlook import outlook
from market.ingest.plan import Cell
from market.models import CellState
from market.months import Month
from market.providers.base import Provider

_MOST_FAILURES = 20
_NOTHING = (
    "Nothing is planned. The worker plans the months of PRICES_SYMBOLS when it runs; `manage.py fetch_prices` and "
    "`manage.py symbols add` plan others."
)


def plan_lines(lake: str, provider: Provider, now: datetime, symbols: Sequence[str] = ()) -> Iterator[str]:
    """Yield a line for each symbol, for what failed, and for the time that the rest takes."""
    plans = [plan for plan in plan_by_symbol(lake) if not symbols or plan.symbol in symbols]
    if not plans:
        yield _NOTHING
        return
    yield from (_line(plan) for plan in plans)
    for cell in failures(lake, _MOST_FAILURES):
        if not symbols or cell.symbol in symbols:
            yield f"{cell} {cell.state}: {cell.reason}"
    left = active_cells(lake, provider.name)
    yield f"{len(left)} symbol-months are still to be fetched: {outlook(provider, left, now).in_words()}."


def active_cells(lake: str, provider: str) -> list[Cell]:
    """Return what is still to be fetched from a provider, in the order of asking."""
    rows = to_fetch_from(lake, provider).filter(state__in=ACTIVE).values_list("symbol", "month")
    return [Cell(symbol, Month.parse(month)) for symbol, month in rows]


def _line(plan: SymbolPlan) -> str:
    states = ", ".join(f"{plan.states[state]} {state}" for state in CellState.values if plan.states[state])
    return f"{plan.symbol} {plan.first_month} to {plan.last_month}: {states}"
