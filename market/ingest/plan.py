"""Which symbol-months a run asks for, and why; newest first, so that a day's budget buys what is looked at most."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from market.calendar import next_session, session_hours
from market.finality import first_session_of, month_final_from
from market.ingest.requests import FetchRequest
from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Part, Snapshot
from market.months import Month
from market.providers.asking import FactsProvider
from market.providers.base import Provider
from market.providers.chain import members_of
from market.raw import folder_of, last_accepted, last_accepted_is


class DataMixed(ValueError):
    """Synthetic and real bars would come to lie in one lake."""


@dataclass(frozen=True, order=True, slots=True)
class Cell:
    """One symbol in one month: the unit of a request and of a commit."""

    symbol: str
    month: Month

    @property
    def part(self) -> Part:
        return Part(self.symbol, str(self.month))

    def __str__(self) -> str:
        return f"{self.symbol} {self.month}"


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """A cell to ask for; `reason` ends the sentence "it is asked for because …"."""

    cell: Cell
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`fetching` in the order of asking; `settled` are final in the lake; `waiting` have had no session yet."""

    fetching: tuple[PlannedCell, ...]
    settled: tuple[Cell, ...]
    waiting: tuple[Cell, ...]


def make_plan(request: FetchRequest, lake: Lake, provider: Provider, now: datetime) -> Plan:
    """Decide by what the lake holds; nothing is asked of the provider. Raises DataMixed and LakeUnreachable."""
    newest_first = sorted(request.months, reverse=True)
    cells = [Cell(symbol, month) for month in newest_first for symbol in request.symbols]
    return plan_cells(cells, lake, provider, now, force=request.force)


def plan_cells(cells: Iterable[Cell], lake: Lake, provider: Provider, now: datetime, *, force: bool) -> Plan:
    """Decide as make_plan does for cells in the order of asking; what the provider does not offer is left out."""
    snapshot = bars_table(lake).snapshot()
    check_same_kind(snapshot, provider)
    live = snapshot.parts
    fetching, settled, waiting = [], [], []
    for cell in (cell for cell in cells if provider.offers(cell.symbol, cell.month)):
        if now < session_hours(first_session_of(cell.month)).pre_open:
            waiting.append(cell)
        elif reason := "--force" if force else _why_fetch(cell, live, lake, provider):
            fetching.append(PlannedCell(cell, reason))
        else:
            settled.append(cell)
    return Plan(tuple(fetching), tuple(settled), tuple(waiting))


def _why_fetch(cell: Cell, live: Collection[Part], lake: Lake, provider: Provider) -> str:
    if cell.part not in live:
        return "the lake has no bars of it"
    if content := provider.content_hash(cell.symbol, cell.month):
        folder = folder_of(provider.name, provider.function, cell.symbol, cell.month)
        return "" if last_accepted_is(lake, folder, content) else "the files hold other bars than were taken last"
    asked = (last_accepted(lake, one.name, one.function, cell.symbol, cell.month) for one in members_of(provider))
    fetched_at = max((at for at in asked if at is not None), default=None)
    if fetched_at is None:
        return f"{provider.name} was never asked for it"
    if fetched_at < month_final_from(cell.month):
        return f"it was fetched on {fetched_at:%Y-%m-%d}, before it was final"
    return ""


def check_same_kind(snapshot: Snapshot, provider: Provider | FactsProvider) -> None:
    """Raise DataMixed if the bars in the lake are synthetic and the provider's are not, or the other way round."""
    part = next(iter(snapshot.parts), None)
    if part is None:
        return
    # One bar tells for all: no commit has ever mixed the two.
    held = str(snapshot.read_part(part, ["provider"])["provider"][0])
    if (held == "synthetic") != provider.synthetic:
        raise DataMixed(
            f"{snapshot.table.lake.url} holds bars of {held}, and {provider.name} would mix made-up prices with real "
            f"ones; give each its own LAKE_URL."
        )


def may_be_empty(month: Month, now: datetime) -> bool:
    """Tell whether a month is so young that a provider need not have bars: its second session has not begun."""
    first = first_session_of(month)
    return now < session_hours(next_session(first)).pre_open
