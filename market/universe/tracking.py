"""The symbols whose prices are fetched: those of PRICES_SYMBOLS, with what was added and without what was removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q

from market.backfill.cells import Opening, open_cells, open_new_cells
from market.backfill.control import cancel
from market.calendar import FIRST_DATE, NEW_YORK
from market.models import BackfillCell, Symbol, Tracking
from market.months import Month, months_between
from market.symbols import SymbolInvalid, parse_symbol, parse_symbols

_SUGGESTIONS = 5


class SymbolUnlisted(ValueError):
    """The listing does not have the symbol; the message names what resembles it."""


@dataclass(frozen=True, slots=True)
class Added:
    """What adding a symbol planned; `remark` is a sentence on a symbol that is delisted or renamed, or empty."""

    symbol: str
    months: tuple[Month, ...]
    remark: str


def tracked_symbols() -> list[str]:
    """Return the symbols to fetch, the configured ones first. Raises SymbolInvalid for PRICES_SYMBOLS."""
    known = dict(Symbol.objects.exclude(tracking="").order_by("tracked_at").values_list("symbol", "tracking"))
    configured = [name for name in parse_symbols(settings.PRICES_SYMBOLS) if known.get(name) != Tracking.REMOVED]
    added = [name for name, tracking in known.items() if tracking == Tracking.ADDED and name not in configured]
    return configured + added


def traded_symbols(on: date) -> list[str]:
    """Return the tracked symbols without those that were delisted in an earlier month than that of a date."""
    gone = Symbol.objects.filter(delisted__lt=on.replace(day=1)).values_list("symbol", flat=True)
    return [name for name in tracked_symbols() if name not in set(gone)]


def add_symbol(text: str, provider: str, now: datetime, *, first: Month | None = None, unlisted: bool = False) -> Added:
    """Track a symbol and plan its months, from `first` or the last BACKFILL_MONTHS on.

    Raises SymbolInvalid, and SymbolUnlisted for a symbol that a listing at hand does not have, unless `unlisted`.
    """
    symbol = addable(text, unlisted=unlisted)
    row, _ = Symbol.objects.update_or_create(symbol=symbol, defaults={"tracking": Tracking.ADDED, "tracked_at": now})
    months = _months(row, first, now)
    opening = Opening(settings.LAKE_URL, provider, before=now, now=now)
    open_cells(opening, symbol, [str(month) for month in months])
    return Added(symbol, tuple(months), remark_on(row))


def plan_configured(provider: str, now: datetime) -> list[str]:
    """Plan the months of configured symbols that the plan does not have yet; return the symbols that have such.

    A cell stays what it is, so what somebody paused or cancelled stays so, and what failed is not tried anew. Months
    after a symbol's newest cell are left to the fetch after the close. A symbol that was added has months of its own.
    Raises SymbolInvalid for PRICES_SYMBOLS.
    """
    wanted = _wanted_of_configured(now)
    known = _known_months(wanted)
    opening = Opening(settings.LAKE_URL, provider, before=now, now=now)
    planned = []
    for symbol, months in wanted.items():
        there = known.get(symbol, set())
        if new := [month for month in months if month not in there and month < max(there, default="9999")]:
            open_new_cells(opening, symbol, new)
            planned.append(symbol)
    return planned


def addable(text: str, *, unlisted: bool) -> str:
    """Return the symbol if it may be added. Raises SymbolInvalid and SymbolUnlisted."""
    symbol = parse_symbol(text)
    if not unlisted:
        _check_listed(symbol)
    return symbol


def is_tracked(row: Symbol) -> bool:
    """Tell whether prices of a symbol are fetched."""
    configured = row.tracking == Tracking.CONFIGURED and row.symbol in parse_symbols(settings.PRICES_SYMBOLS)
    return configured or row.tracking == Tracking.ADDED


def remove_symbol(text: str, now: datetime) -> int:
    """Track a symbol no more and cancel what is planned of it; its bars stay. Return how many months that were."""
    symbol = parse_symbol(text)
    if symbol not in tracked_symbols():
        raise SymbolInvalid(f"{symbol} is not fetched; `manage.py symbols list` shows what is.")
    Symbol.objects.update_or_create(symbol=symbol, defaults={"tracking": Tracking.REMOVED, "tracked_at": now})
    return cancel(settings.LAKE_URL, [symbol], now)


def search_symbols(words: str, most: int = 20) -> list[Symbol]:
    """Return listed symbols that begin with the words, or whose name has them; the very symbol first."""
    wanted = words.strip()
    found = Symbol.objects.filter(Q(symbol__istartswith=wanted) | Q(name__icontains=wanted))
    return sorted(found[:500], key=lambda row: (row.symbol != wanted.upper(), bool(row.delisted), row.symbol))[:most]


def remark_on(row: Symbol) -> str:
    """Say what a person should know about a symbol."""
    if row.renamed_to:
        return f"{row.symbol} is called {row.renamed_to} today; its months before that stay under {row.symbol}."
    return f"{row.symbol} was delisted on {row.delisted}." if row.delisted else ""


def _check_listed(symbol: str) -> None:
    listing = Symbol.objects.exclude(listing_at=None)
    if listing.filter(symbol=symbol).exists() or not listing.exists():
        return
    names = ", ".join(row.symbol for row in search_symbols(symbol[:3], _SUGGESTIONS))
    hint = f" Similar: {names}." if names else ""
    raise SymbolUnlisted(f"{symbol} is not in the listing of US symbols.{hint} Correct it, or insist with --unlisted.")


def _months(row: Symbol, first: Month | None, now: datetime) -> Sequence[Month]:
    """Return the months in which a symbol was traded, newest at the end."""
    last = Month.of(row.delisted or now.astimezone(NEW_YORK).date())
    if first is None:
        first = last
        for _ in range(settings.BACKFILL_MONTHS - 1):
            first = first.previous()
    return months_between(max(first, Month.of(max(row.listed or FIRST_DATE, FIRST_DATE))), last)


def _wanted_of_configured(now: datetime) -> dict[str, list[str]]:
    """Return the months of the symbols that are fetched because PRICES_SYMBOLS says so, ascending."""
    names = parse_symbols(settings.PRICES_SYMBOLS)
    known = {row.symbol: row for row in Symbol.objects.filter(symbol__in=names)}
    rows = [known.get(name) or Symbol(symbol=name) for name in names]
    configured = [row for row in rows if row.tracking == Tracking.CONFIGURED]
    return {row.symbol: [str(month) for month in _months(row, None, now)] for row in configured}


def _known_months(wanted: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """Return which months the plan has of these symbols, from the earliest that is wanted of any on."""
    first = min((months[0] for months in wanted.values() if months), default="9999")
    cells = BackfillCell.objects.filter(lake=settings.LAKE_URL, symbol__in=list(wanted), month__gte=first)
    known: dict[str, set[str]] = {}
    for symbol, month in cells.order_by().values_list("symbol", "month"):
        known.setdefault(symbol, set()).add(month)
    return known
