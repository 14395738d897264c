"""Answers as JSON values and downloads, for the API's views and for the pages, which embed the same."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
from django.urls import reverse

from analytics.api.renderers import Download
from analytics.queries import sessions, symbols, tiles
from analytics.queries.adjustment import Adjustment, adjusted_provenance, factors_of
from analytics.queries.comparison import Comparison
from analytics.queries.errors import NoBars
from analytics.queries.instants import MICROSECONDS, instant_of, iso_instant
from analytics.queries.provenance import ADJUSTMENT, Provenance, provenance_of
from analytics.queries.reader import LakeReader
from analytics.queries.rows import Rows
from analytics.queries.sessions import SessionTable
from analytics.queries.status import coverage, market_state
from market.calendar import CALENDAR
from market.lake.snapshots import Part

Json = dict[str, Any]


def symbol_list(reader: LakeReader) -> Json:
    """Raises NoBars."""
    entries = symbols.list_symbols(reader)
    provenance = whole_provenance(reader, [entry.symbol for entry in entries])
    return {"results": [_symbol(entry) for entry in entries], "provenance": provenance.to_json()}


def symbol_detail(reader: LakeReader, symbol: str, now: datetime, adjustment: Adjustment = Adjustment.RAW) -> Json:
    """Raises NoBars, SymbolUnknown."""
    entry = symbols.get_symbol(reader, symbol)
    references = {
        table: [_tile(tile) for tile in tiles.tile_entries(reader, table, symbol, now, adjustment)]
        for table in tiles.TABLES
    }
    factors = factors_of(reader, symbol, adjustment, now)
    provenance = adjusted_provenance(reader, whole_provenance(reader, [symbol]), adjustment, {symbol: factors})
    return {**_symbol(entry), "tiles": references, "provenance": provenance.to_json()}


def session_rows(table: SessionTable) -> Json:
    return {"calendar": CALENDAR, "columns": sessions.COLUMNS, "rows": table.rows()}


def status(reader: LakeReader, now: datetime, of_symbols: Sequence[str] | None = None) -> Json:
    """Raises SymbolUnknown; a lake without bars gives no coverage."""
    try:
        covered = coverage(reader, now, of_symbols)
    except NoBars:
        covered = []
    return {
        "market": market_state(now).to_json(),
        "coverage": [each.to_json() for each in covered],
        "provenance": whole_provenance(reader, [each.symbol for each in covered]).to_json(),
    }


def whole_provenance(reader: LakeReader, of_symbols: Sequence[str]) -> Provenance:
    """Return the provenance of everything there is of some symbols."""
    bars = reader.view("bars")
    parts = [Part(symbol, month) for symbol in of_symbols for month in bars.months[symbol]]
    return provenance_of(reader, bars, parts, reader.view("daily"))


def rows_download(kind: str, of_symbols: Sequence[str], rows: Rows) -> Download:
    what = f"{kind} averages" if kind in ("daily", "hourly") else kind
    title = f"StockCompare, {what} of {', '.join(of_symbols)}"
    return Download(f"{kind}-{'-'.join(of_symbols)}", [title, *origin_of(rows.provenance)], rows.table)


def comparison_download(comparison: Comparison) -> Download:
    starts = pa.array(comparison.bar_starts * MICROSECONDS).cast(pa.timestamp("us", tz="UTC"))
    closes = {each.symbol: pa.array(each.closes) for each in comparison.series}
    table = pa.table({"bar_start": starts, **closes})
    about = [
        f"StockCompare, {comparison.timeframe} closes of {' and '.join(comparison.symbols)}",
        f"{comparison.matched_minutes} matched minutes from {iso_instant(instant_of(comparison.base_minute))}",
        *origin_of(comparison.provenance),
    ]
    return Download(f"compare-{'-'.join(comparison.symbols)}-{comparison.timeframe}", about, table)


def _symbol(entry: symbols.SymbolEntry) -> Json:
    return {
        "symbol": entry.symbol,
        "provider": entry.provider,
        "synthetic": entry.synthetic,
        "first_session": entry.first_session.isoformat(),
        "last_session": entry.last_session.isoformat(),
        "bar_count": entry.bar_count,
        "last_bar_start": iso_instant(entry.last_bar_start),
    }


def _tile(tile: tiles.TileEntry) -> Json:
    address = reverse(f"api:{tile.table}-tile", args=[tile.symbol, tile.month])
    # Tiles that no event changes have one address, so that a browser keeps them once.
    adjustment = {} if tile.adjustment is Adjustment.RAW else {"adjustment": tile.adjustment.value}
    return {
        "month": tile.month,
        "version": tile.version,
        "rows": tile.rows,
        "closed": tile.closed,
        "adjustment": tile.adjustment.value,
        "url": f"{address}?{urlencode({**adjustment, 'v': tile.version})}",
    }


def origin_of(provenance: Provenance) -> list[str]:
    """Return lines that say where the rows of a download come from."""
    note = " (synthetic market: not real prices)" if provenance.synthetic else ""
    versions = ", ".join(f"{name} version {version}" for name, version in provenance.tables.items())
    return [
        f"Source: {provenance.provider}{note}; {versions}",
        f"Times in UTC; sessions are New York trading dates; regular hours; {_basis(provenance)}",
    ]


def _basis(provenance: Provenance) -> str:
    if provenance.adjustment == ADJUSTMENT:
        return "prices as traded (not adjusted)"
    events = [
        f"{event['symbol']} {event['kind']} {event['value']:g} on {event['session']}"
        for event in provenance.adjustment_events or ()
        if event["price_factor"] is not None
    ]
    kinds = "splits" if provenance.adjustment == "split" else "splits and dividends"
    return f"prices adjusted for {kinds}: {', '.join(events) or 'there were none'}"
