"""The provider `alpaca`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from market.calendar import next_session, session_hours, sessions_in_range
from market.limits import Account
from market.months import Month
from market.providers.alpaca.client import Client
from market.providers.alpaca.replies import classify, refusal
from market.providers.base import Capabilities, ParsedReply, RawReply, ReplyKind
from market.providers.http.client import HttpReply
from market.providers.pages import MAX_PAGES, PagesMalformed, bars_of, join_pages, split_pages

FUNCTION = "BARS"
LABEL = "start (stated by alpaca)"
_FIRST_MONTH = Month(2016, 1)
# A free key may not ask for consolidated bars of the last 15 minutes; five more let clocks differ.
_TOO_RECENT = timedelta(minutes=20)
_JSON = "application/json"


@dataclass(frozen=True)
class Alpaca:
    """All trades of a symbol on all exchanges, by the month, as traded, with extended hours."""

    client: Client
    account: Account
    name: str = "alpaca"
    function: str = FUNCTION
    synthetic: bool = False

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            needs_key=True,
            extended_hours=True,
            adjustment="raw",
            first_month=_FIRST_MONTH,
            licence="Personal use by Alpaca's terms.",
            requests_per_cell=3,
        )

    def offers(self, symbol: str, month: Month) -> bool:
        return month >= _FIRST_MONTH

    def content_hash(self, symbol: str, month: Month) -> str | None:
        return None

    def fetch_month(self, symbol: str, month: Month, now: datetime) -> RawReply:
        request = _request(month, now)
        if request["start"] >= request["end"]:
            raise refusal(ReplyKind.EMPTY, f"No minute of {month} is 20 minutes old yet")
        pages: list[bytes] = []
        token: str | None = ""
        while token is not None:
            paged = {**request, "page_token": token} if token else request
            page = self.client.get_page(symbol, str(month), paged)
            kind = classify(page.status, page.content_type, page.body)
            if kind is not ReplyKind.OK and not (kind is ReplyKind.EMPTY and pages):
                # A failure is the whole reply: a month with a page missing would look complete.
                return self._reply(symbol, month, request, page, now)
            pages.append(page.body)
            token = json.loads(page.body)["next_page_token"]
            if len(pages) >= MAX_PAGES and token is not None:
                raise refusal(ReplyKind.UNKNOWN, f"there are more than {MAX_PAGES} pages")
        joined = HttpReply(200, _JSON, join_pages(pages))
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
        return parse_alpaca_reply(reply)


def _request(month: Month, now: datetime) -> dict[str, str]:
    sessions = sessions_in_range(month.first_date, month.last_date)
    first = session_hours(sessions[0] if sessions else next_session(month.first_date)).pre_open
    last = session_hours(sessions[-1]).post_close if sessions else first
    return {
        "timeframe": "1Min",
        "start": _instant(first),
        "end": _instant(min(last - timedelta(minutes=1), now - _TOO_RECENT)),
        "limit": "10000",
        "adjustment": "raw",
        # Without it, a free key gets the trades of one small exchange.
        "feed": "sip",
        "sort": "asc",
    }


def _instant(at: datetime) -> str:
    return f"{at.replace(second=0, microsecond=0):%Y-%m-%dT%H:%M:%SZ}"


def parse_alpaca_reply(reply: RawReply) -> ParsedReply:
    """Return the bars of a good reply. Raises ProviderError for every other."""
    if reply.body[:1] != b"[" or reply.status != 200:
        kind = classify(reply.status, reply.content_type, reply.body)
        # One page that is good by itself was never kept alone.
        kind = ReplyKind.UNKNOWN if kind is ReplyKind.OK else kind
        raise refusal(kind, f"HTTP status {reply.status}" if reply.status != 200 else "")
    try:
        bars = [bar for page in split_pages(reply.body) for bar in page.get("bars") or []]
        if not bars:
            raise refusal(ReplyKind.EMPTY)
        return ParsedReply(bars_of(_starts(bars), bars, ("o", "h", "l", "c", "v")), LABEL)
    except PagesMalformed as error:
        raise refusal(ReplyKind.UNKNOWN, str(error)) from error


def _starts(bars: list[Any]) -> Any:
    try:
        stamps = [bar["t"] for bar in bars]
        if not all(stamp.endswith("Z") for stamp in stamps):
            raise PagesMalformed("a stamp is not in UTC")
        return np.array([stamp[:-1] for stamp in stamps], dtype="datetime64[us]")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise PagesMalformed("a stamp cannot be read") from error
