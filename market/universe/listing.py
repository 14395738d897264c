"""The listing of US symbols from Alpha Vantage: names, exchanges, what was delisted and what was renamed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.db import transaction

from market.ingest.facts import learn
from market.ingest.pacing import Sleep
from market.lake.location import Lake
from market.models import Symbol
from market.providers.alpha_vantage import questions
from market.providers.alpha_vantage.provider import AlphaVantage
from market.providers.facts import Listing, SymbolMatch

_FACTS = ("name", "exchange", "asset_type", "listed", "delisted", "renamed_to", "listing_at")
# A listing that has lost more than this part of its symbols is taken for a torn one.
_MOST_LOST = 0.2


class ListingImplausible(ValueError):
    """The listing is so much shorter than the last one that it cannot be whole."""


def refresh_listing(
    lake: Lake, provider: AlphaVantage, now: datetime, *, sleep: Sleep, note: Callable[[str], None]
) -> int:
    """Ask for what is listed and what was delisted (two requests), and store both; return the number of symbols.

    Raises ProviderError, LakeUnreachable and ListingImplausible.
    """
    active = learn(questions.listings(), lake, provider, now, sleep=sleep, note=note)
    delisted = learn(questions.listings(active=False), lake, provider, now, sleep=sleep, note=note)
    return store_listing(active, delisted, now)


def search_vendor(
    words: str, lake: Lake, provider: AlphaVantage, now: datetime, *, sleep: Sleep, note: Callable[[str], None]
) -> tuple[SymbolMatch, ...]:
    """Ask the vendor's search (one request). Raises ProviderError and LakeUnreachable."""
    found = learn(questions.symbol_search(words), lake, provider, now, sleep=sleep, note=note)
    return tuple(match for match in found if match.symbol)


def store_listing(active: Iterable[Listing], delisted: Iterable[Listing], now: datetime) -> int:
    """Take a listing over; who is listed wins over an earlier bearer of the symbol. Raises ListingImplausible."""
    listed = _by_symbol(active)
    gone = {symbol: entry for symbol, entry in _by_symbol(delisted).items() if symbol not in listed}
    _check_length(len(listed))
    successors = _successors(listed)
    rows = [_row(symbol, entry, now) for symbol, entry in listed.items()]
    rows += [_row(symbol, entry, now, successors.get(entry.name.casefold(), "")) for symbol, entry in gone.items()]
    with transaction.atomic():
        Symbol.objects.bulk_create(
            rows, batch_size=500, update_conflicts=True, unique_fields=["symbol"], update_fields=_FACTS
        )
    return len(rows)


def _by_symbol(entries: Iterable[Listing]) -> dict[str, Listing]:
    """Return the entries that are symbols here; of several bearers the one that was listed last."""
    found: dict[str, Listing] = {}
    for entry in entries:
        symbol = entry.symbol
        if symbol and (symbol not in found or str(entry.listed or "") >= str(found[symbol].listed or "")):
            found[symbol] = entry
    return found


def _successors(listed: Mapping[str, Listing]) -> dict[str, str]:
    """Return by company name the one symbol that bears it; where several do, nobody can tell which one followed."""
    bearers: dict[str, list[str]] = {}
    for symbol, entry in listed.items():
        bearers.setdefault(entry.name.casefold(), []).append(symbol)
    return {name: symbols[0] for name, symbols in bearers.items() if name and len(symbols) == 1}


def _check_length(active: int) -> None:
    before = Symbol.objects.exclude(listing_at=None).filter(delisted=None).count()
    if active < before * (1 - _MOST_LOST):
        raise ListingImplausible(
            f"The listing has {active:,} symbols and the last one had {before:,}; it was not taken. Try again later."
        )


def _row(symbol: str, entry: Listing, now: datetime, renamed_to: str = "") -> Symbol:
    return Symbol(
        symbol=symbol,
        name=entry.name[:200],
        exchange=entry.exchange[:40],
        asset_type=entry.asset_type[:20],
        listed=entry.listed,
        delisted=None if entry.active else entry.delisted,
        renamed_to=renamed_to,
        listing_at=now,
    )
