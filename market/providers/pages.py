"""Replies that come in pages: kept together as one JSON array of the pages as they came, read as one."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from market.calendar import NEW_YORK
from market.months import Month
from market.providers.base import ParsedReply, ProviderError, RawReply, ReplyKind
from market.providers.http.client import HttpReply

PRICES = ("open", "high", "low", "close")
# Pages of 10,000 bars hold a month in three; more than this is a chain without end.
MAX_PAGES = 12
_UTC = pa.timestamp("us", tz="UTC")
Cursor = TypeVar("Cursor")
Classify = Callable[[int, str, bytes], ReplyKind]


class PagesMalformed(ValueError):
    """The pages are not bars; the message says why."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """What a cell was asked for with, as it is kept beside the reply."""

    symbol: str
    month: Month
    request: Mapping[str, str]
    now: datetime

    @classmethod
    def at(cls, symbol: str, request: Mapping[str, str], now: datetime) -> "RawRequest":
        """Return one about all of a symbol, kept under the month of asking."""
        return cls(symbol, Month.of(now.astimezone(NEW_YORK).date()), request, now)


@dataclass(frozen=True, slots=True)
class Pages:
    """How one vendor's pages are asked for and told apart."""

    provider: str
    function: str
    classify: Classify
    refusal: Callable[[ReplyKind, str], ProviderError]

    def fetch(
        self,
        asked: RawRequest,
        first: Cursor,
        get: Callable[[Cursor], HttpReply],
        following: Callable[[bytes], Cursor | None],
    ) -> RawReply:
        """Return all pages from `first` on as one reply, or the page that failed. Raises ProviderError."""
        pages: list[bytes] = []
        cursor: Cursor | None = first
        while cursor is not None:
            if len(pages) >= MAX_PAGES:
                raise self.refusal(ReplyKind.UNKNOWN, f"there are more than {MAX_PAGES} pages")
            page = get(cursor)
            kind = self.classify(page.status, page.content_type, page.body)
            if kind is not ReplyKind.OK and not (kind is ReplyKind.EMPTY and pages):
                # A failure is the whole reply: a month with a page missing would look complete.
                return self._reply(asked, asked.request, page)
            pages.append(page.body)
            cursor = following(page.body)
        joined = HttpReply(200, "application/json", join_pages(pages))
        return self._reply(asked, {**asked.request, "pages": str(len(pages))}, joined)

    def _reply(self, asked: RawRequest, request: Mapping[str, str], page: HttpReply) -> RawReply:
        return RawReply(
            provider=self.provider,
            function=self.function,
            symbol=asked.symbol,
            month=asked.month,
            request=request,
            status=page.status,
            content_type=page.content_type,
            body=page.body,
            fetched_at=asked.now,
        )

    def read(self, reply: RawReply) -> list[dict[str, Any]]:
        """Return the pages of a good reply. Raises ProviderError for every other."""
        if reply.body[:1] != b"[" or reply.status != 200:
            kind = self.classify(reply.status, reply.content_type, reply.body)
            # One page that is good by itself was never kept alone.
            kind = ReplyKind.UNKNOWN if kind is ReplyKind.OK else kind
            raise self.refusal(kind, f"HTTP status {reply.status}" if reply.status != 200 else "")
        try:
            return split_pages(reply.body)
        except PagesMalformed as error:
            raise self.refusal(ReplyKind.UNKNOWN, str(error)) from error


@dataclass(frozen=True, slots=True)
class PagedReplies(Pages):
    """Pages of bars: `rows` names their list in a page, `starts` reads their instants (datetime64[us]) or raises
    PagesMalformed."""

    rows: str
    starts: Callable[[list[Any]], Any]

    def parse(self, reply: RawReply) -> ParsedReply:
        """Return the bars of a good reply. Raises ProviderError for every other."""
        try:
            bars = [bar for page in self.read(reply) for bar in self._rows(page)]
            if not bars:
                raise self.refusal(ReplyKind.EMPTY, "")
            label = f"start (stated by {self.provider})"
            return ParsedReply(bars_of(self.starts(bars), bars, ("o", "h", "l", "c", "v")), label)
        except PagesMalformed as error:
            raise self.refusal(ReplyKind.UNKNOWN, str(error)) from error

    def _rows(self, page: dict[str, Any]) -> list[Any]:
        found = page.get(self.rows) or []
        if not isinstance(found, list):
            raise PagesMalformed(f"{self.rows} is no list")
        return found


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
        numbers = np.array([[value[name] for name in names] for value in values])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise PagesMalformed("a value is missing or no number") from error
    if numbers.ndim != 2 or numbers.dtype.kind not in "iuf":
        raise PagesMalformed("a value is no number")
    numbers = numbers.astype(np.float64)
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
