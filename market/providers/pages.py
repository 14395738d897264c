"""Replies that come in pages: kept together as one JSON array of the pages as they came, read as one."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PRICES = ("open", "high", "low", "close")
# Pages of 10,000 bars hold a month in three; more than this is a chain without end.
MAX_PAGES = 12
_UTC = pa.timestamp("us", tz="UTC")
_DAY_MICROSECONDS = 86_400_000_000


class PagesMalformed(ValueError):
    """The pages are not bars; the message says why."""


def join_pages(pages: Sequence[bytes]) -> bytes:
    return b"[" + b",\n".join(pages) + b"]"


def split_pages(body: bytes) -> list[dict[str, Any]]:
    """Return the pages of a kept body. Raises PagesMalformed."""
    try:
        pages = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PagesMalformed("a page is no JSON") from error
    if not isinstance(pages, list) or not pages or not all(isinstance(page, dict) for page in pages):
        raise PagesMalformed("the pages are not objects")
    return pages


def bars_of(starts: Any, values: Sequence[dict[str, Any]], names: Sequence[str]) -> pa.Table:
    """Return `bar_start` and values, ascending and unique, from instants (datetime64[us]) and JSON objects.

    `names` are the objects' names of open, high, low, close and volume. A column `duplicate` tells which bars came more
    than once, where any did. Raises PagesMalformed.
    """
    try:
        numbers = np.array([[value[name] for name in names] for value in values], dtype=np.float64)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise PagesMalformed("a value is missing or no number") from error
    volume = np.round(numbers[:, 4])
    if not np.isfinite(numbers).all() or (volume < 0).any() or (volume > 2.0**53).any():
        raise PagesMalformed("a value is no number that a bar has")
    instants = starts.astype(np.int64)
    if (instants % 60_000_000).any():
        raise PagesMalformed("a stamp is not at a whole minute")
    columns: dict[str, Any] = {"bar_start": pa.array(instants, pa.int64()).cast(_UTC)}
    columns |= {name: numbers[:, position] for position, name in enumerate(PRICES)}
    return _in_order(pa.table(columns | {"volume": volume.astype(np.int64)}))


def _in_order(bars: pa.Table) -> pa.Table:
    bars = bars.sort_by("bar_start").combine_chunks()
    if pc.count_distinct(bars["bar_start"]).as_py() == bars.num_rows:
        return bars
    names = bars.column_names
    counted = bars.group_by(names).aggregate([([], "count_all")]).sort_by("bar_start")
    if pc.count_distinct(counted["bar_start"]).as_py() < counted.num_rows:
        raise PagesMalformed("one minute has two different bars")
    duplicate = pc.not_equal(counted["count_all"], pa.scalar(1))
    return counted.select(names).append_column("duplicate", duplicate)
