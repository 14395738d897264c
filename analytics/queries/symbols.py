"""Which symbols the lake has bars of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from analytics.queries.errors import NoBars, SymbolUnknown
from analytics.queries.provenance import SYNTHETIC
from analytics.queries.reader import LakeReader, TableView
from market.lake.snapshots import Part


@dataclass(frozen=True)
class SymbolEntry:
    """`bar_count` counts stored bars of all phases; `last_bar_start` is the last regular bar's, aware UTC."""

    symbol: str
    provider: str
    first_session: date
    last_session: date
    bar_count: int
    last_bar_start: datetime

    @property
    def synthetic(self) -> bool:
        return SYNTHETIC in self.provider.split(", ")


def bars_view(reader: LakeReader) -> TableView:
    """Return the newest view of `bars`. Raises NoBars."""
    view = reader.view("bars")
    if not view.parts:
        raise NoBars
    return view


def list_symbols(reader: LakeReader) -> list[SymbolEntry]:
    """Return an entry for each symbol, by symbol. Raises NoBars."""
    bars = bars_view(reader)
    return [_entry(reader, bars, symbol) for symbol in bars.months]


def get_symbol(reader: LakeReader, symbol: str, field: str = "symbol") -> SymbolEntry:
    """Return the entry of one symbol. Raises NoBars or SymbolUnknown, which blames `field`."""
    bars = bars_view(reader)
    require_symbols(bars, [symbol], field)
    return _entry(reader, bars, symbol)


def require_symbols(bars: TableView, symbols: Sequence[str], field: str = "symbols") -> None:
    """Raise SymbolUnknown for the first symbol without bars."""
    for symbol in symbols:
        if symbol not in bars.months:
            raise SymbolUnknown(symbol, list(bars.months), field)


def _entry(reader: LakeReader, bars: TableView, symbol: str) -> SymbolEntry:
    months = bars.months[symbol]
    first = reader.summary(bars, Part(symbol, months[0]))
    last = reader.summary(bars, Part(symbol, months[-1]))
    return SymbolEntry(
        symbol=symbol,
        provider=last.provider,
        first_session=first.first_session,
        last_session=last.last_session,
        bar_count=sum(bars.rows(Part(symbol, month)) for month in months),
        last_bar_start=last.last_bar_start,
    )
