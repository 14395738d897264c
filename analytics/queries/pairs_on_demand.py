"""Pairs that no run of `process_prices` was asked for, compared session by session when somebody asks."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from analytics.formulas.basis import basis_of_sessions
from analytics.formulas.pair_sessions import HEDGE_LOOKBACK_ROWS, compare_sessions
from analytics.queries.adjustment import known_splits
from analytics.queries.arrays import equals, to_numpy
from analytics.queries.errors import RangeTooWide
from analytics.queries.instants import to_dates, to_minutes
from analytics.queries.reader import LakeReader, TableView
from analytics.queries.sessions import session_table
from analytics.schemas import PAIRS_SCHEMA, pair_name
from market.lake.snapshots import Part
from market.months import Month

Splits = tuple[tuple[date, float], ...]
MOST_PARTS = 12
_COLUMNS = ("session", "bar_start", "phase", "quarantined", "open", "close")


def compare_on_demand(reader: LakeReader, bars: TableView, pair: tuple[str, str], months: Sequence[str]) -> pa.Table:
    """Return the rows that the table `pairs` would have of a pair in these months. Raises RangeTooWide."""
    if len(months) > MOST_PARTS:
        raise RangeTooWide("months of a pair that is not among the configured ones", len(months), MOST_PARTS)
    return pa.concat_tables([PAIRS_SCHEMA.empty_table(), *(_month(reader, bars, pair, month) for month in months)])


def months_of_both(bars: TableView, pair: tuple[str, str], first_month: str, last_month: str) -> list[str]:
    a, b = (set(bars.months[symbol]) for symbol in pair)
    return [month for month in sorted(a & b) if first_month <= month <= last_month]


def _month(reader: LakeReader, bars: TableView, pair: tuple[str, str], month: str) -> pa.Table:
    parts = [part for symbol in pair for part in _with_lookback(bars, symbol, month)]
    splits = {symbol: _splits_until(reader, symbol, month) for symbol in pair}
    key = ("pair", pair, month, tuple(bars.fingerprint(part) for part in parts), tuple(splits.values()))

    def build() -> pa.Table:
        sides = [_side(reader, bars, part, pair_name(*pair), month, splits[part.symbol]) for part in parts]
        return compare_sessions(pa.concat_tables(sides))

    return reader.remember(key, build)


def _with_lookback(bars: TableView, symbol: str, month: str) -> list[Part]:
    """Return the part of the month after as many before it as the hedge may look back on, as a run would take them."""
    found, rows = [Part(symbol, month)], 0
    for earlier in reversed([each for each in bars.months[symbol] if each < month]):
        if rows >= HEDGE_LOOKBACK_ROWS:
            break
        found.insert(0, Part(symbol, earlier))
        rows += bars.rows(found[0])
    return found


def _splits_until(reader: LakeReader, symbol: str, month: str) -> Splits:
    return tuple(
        (split.session, split.value) for split in known_splits(reader, symbol) if str(Month.of(split.session)) <= month
    )


def _side(reader: LakeReader, bars: TableView, part: Part, name: str, month: str, splits: Splits) -> pa.Table:
    rows = reader.derive(bars, part, _COLUMNS, _regular)
    labels = {"symbol": name, "month": month, "source_symbol": part.symbol}
    for label, value in labels.items():
        rows = rows.append_column(label, pa.repeat(pa.scalar(value), rows.num_rows))
    return rows.append_column("basis", pa.array(basis_of_sessions(to_dates(rows["session"]), splits)))


def _regular(bars: pa.Table) -> pa.Table:
    """Keep regular, not quarantined bars, and add their minute since the open."""
    usable = equals(bars["phase"], "regular") & ~to_numpy(bars["quarantined"])
    kept = bars.filter(pa.array(usable)).select(["session", "bar_start", "open", "close"])
    minutes, table = to_minutes(kept["bar_start"]), session_table()
    since_open = minutes - table.opens[table.index_of(minutes)] if len(minutes) else np.zeros(0, np.int64)
    return kept.append_column("minute", pa.array(since_open))
