"""The provider `massive`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from market.calendar import session_hours, sessions_in_range
from market.limits import Account
from market.months import Month
from market.providers.base import Capabilities, ParsedReply, RawReply, ReplyKind
from market.providers.http.client import HttpReply
from market.providers.massive.client import Client, next_page
from market.providers.massive.replies import classify, refusal
from market.providers.pages import MAX_PAGES, PagesMalformed, bars_of, join_pages, split_pages

FUNCTION = "AGGS"
LABEL = "start (stated by massive)"
_FIRST_MONTH = Month(2003, 9)


@dataclass(frozen=True)
class Massive:
    """All trades of a symbol on all exchanges, by the month, as traded, with extended hours."""

    client: Client
    account: Account
    name: str = "massive"
    function: str = FUNCTION
    synthetic: bool = False

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            needs_key=True,
            extended_hours=True,
            adjustment="raw",
            first_month=_FIRST_MONTH,
            licence="Personal use by Massive's terms.",
        )

    def offers(self, symbol: str, month: Month) -> bool:
        return month >= _FIRST_MONTH

    def content_hash(self, symbol: str, month: Month) -> str | None:
        return None

    def fetch_month(self, symbol: str, month: Month, now: datetime) -> RawReply:
        path, request = _request(symbol, month)
        pages: list[bytes] = []
        query: Mapping[str, str] = request
        while path:
            page = self.client.get_page(symbol, str(month), path, query)
            kind = classify(page.status, page.content_type, page.body)
            if kind is not ReplyKind.OK and not (kind is ReplyKind.EMPTY and pages):
                # A failure is the whole reply: a month with a page missing would look complete.
                return self._reply(symbol, month, request, page, now)
            pages.append(page.body)
            path, query = next_page(str(json.loads(page.body).get("next_url") or ""))
            if len(pages) >= MAX_PAGES and path:
                raise refusal(ReplyKind.UNKNOWN, f"there are more than {MAX_PAGES} pages")
        joined = HttpReply(200, "application/json", join_pages(pages))
        return self._reply(symbol, month, {**request, "pages": str(len(pages))}, joined, now)

    def _reply(self, symbol: str, month: Month, request: Mapping[str, str], page: HttpReply, now: datetime) -> RawReply:
        return RawReply(
            provider=self.name,
            function=FUNCTION,
            symbol=symbol,
            month=month,
            request=request,
            status=page.status,
            content_type=page.content_type,
            body=page.body,
            fetched_at=now,
        )

    def parse(self, reply: RawReply) -> ParsedReply:
        return parse_massive_reply(reply)


def _request(symbol: str, month: Month) -> tuple[str, dict[str, str]]:
    sessions = sessions_in_range(month.first_date, month.last_date)
    first = session_hours(sessions[0]).pre_open
    last = session_hours(sessions[-1]).post_close - timedelta(minutes=1)
    span = f"{int(first.timestamp()) * 1000}/{int(last.timestamp()) * 1000}"
    path = f"/v2/aggs/ticker/{symbol}/range/1/minute/{span}"
    return path, {"adjusted": "false", "sort": "asc", "limit": "50000"}


def parse_massive_reply(reply: RawReply) -> ParsedReply:
    """Return the bars of a good reply. Raises ProviderError for every other."""
    if reply.body[:1] != b"[" or reply.status != 200:
        kind = classify(reply.status, reply.content_type, reply.body)
        # One page that is good by itself was never kept alone.
        kind = ReplyKind.UNKNOWN if kind is ReplyKind.OK else kind
        raise refusal(kind, f"HTTP status {reply.status}" if reply.status != 200 else "")
    try:
        bars = [bar for page in split_pages(reply.body) for bar in page.get("results") or []]
        if not bars:
            raise refusal(ReplyKind.EMPTY)
        return ParsedReply(bars_of(_starts(bars), bars, ("o", "h", "l", "c", "v")), LABEL)
    except PagesMalformed as error:
        raise refusal(ReplyKind.UNKNOWN, str(error)) from error


def _starts(bars: list[Any]) -> Any:
    try:
        milliseconds = np.array([bar["t"] for bar in bars])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise PagesMalformed("a stamp cannot be read") from error
    if milliseconds.dtype.kind not in "iu" or (milliseconds < 0).any() or (milliseconds > 10**13).any():
        raise PagesMalformed("a stamp is no instant in milliseconds")
    return (milliseconds * 1000).astype("datetime64[us]")
