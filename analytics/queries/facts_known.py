"""Since when the splits and dividends of a symbol are known: that there were none is not that nobody asked."""

from collections.abc import Iterable
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from analytics.queries.provenance import SYNTHETIC
from analytics.queries.reader import LakeReader
from market.lake.snapshots import Part

_COLUMNS = ("fetched_at",)


def events_known_at(reader: LakeReader, symbols: Iterable[str]) -> dict[str, datetime | None]:
    """Return by symbol when somebody last told of its events or figures; None where nobody was asked.

    The made-up market's events are known with its bars.
    """
    return {symbol: _known_at(reader, symbol) for symbol in symbols}


def _known_at(reader: LakeReader, symbol: str) -> datetime | None:
    actions, figures, bars = (reader.view(name) for name in ("corporate_actions", "daily_figures", "bars"))
    # A new month of figures comes with every asking; events are written again only where they changed.
    told = [(actions, month) for month in actions.months.get(symbol, [])]
    told += [(figures, month) for month in figures.months.get(symbol, [])[-1:]]
    instants = [reader.derive(view, Part(symbol, month), _COLUMNS, _newest)["at"][0].as_py() for view, month in told]
    newest: datetime | None = max(instants, default=None)
    if newest is None and symbol in bars.months:
        summary = reader.summary(bars, Part(symbol, bars.months[symbol][-1]))
        return summary.fetched_at if SYNTHETIC in summary.provider.split(", ") else None
    return newest


def _newest(rows: pa.Table) -> pa.Table:
    return pa.table({"at": pa.array([pc.max(rows["fetched_at"]).as_py()], rows["fetched_at"].type)})
