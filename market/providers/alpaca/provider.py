"""The provider `alpaca`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pyarrow as pa

from market.calendar import next_session, session_hours, sessions_in_range
from market.limits import Account
from market.months import Month
from market.providers.alpaca import facts
from market.providers.alpaca.client import Client
from market.providers.alpaca.replies import classify, refusal
from market.providers.asking import FactQuestions, PagedQuestion, read_answer
from market.providers.base import Capabilities, ParsedReply, RawReply, ReplyKind
from market.providers.http.client import HttpReply
from market.providers.pages import PagedReplies, PagesMalformed, RawRequest

T = TypeVar("T")

FUNCTION = "BARS"
_FIRST_MONTH = Month(2016, 1)
# A free key may not ask for consolidated bars of the last 15 minutes; five more let clocks differ.
_TOO_RECENT = timedelta(minutes=20)
_UTC = pa.timestamp("us", tz="UTC")


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
        get = partial(self._get, symbol, month, request)
        return REPLIES.fetch(RawRequest(symbol, month, request, now), "", get, _next_token)

    def _get(self, symbol: str, month: Month, request: Mapping[str, str], token: str) -> HttpReply:
        return self.client.get_page(symbol, str(month), {**request, "page_token": token} if token else request)

    def parse(self, reply: RawReply) -> ParsedReply:
        return REPLIES.parse(reply)

    def questions_about(self, symbol: str, now: datetime) -> FactQuestions:
        return facts.questions_about(symbol, now)

    def ask(self, question: PagedQuestion[T], now: datetime) -> RawReply:
        asked = question.asked(now)

        def get(token: str) -> HttpReply:
            query = {**question.query, "page_token": token} if token else question.query
            return self.client.get_facts(asked, question.function, query)

        return facts.pages_of(question).fetch(asked, "", get, _next_token)

    def answer(self, question: PagedQuestion[T], reply: RawReply) -> tuple[T, ...]:
        return read_answer(facts.pages_of(question), question, reply)


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


def _next_token(page: bytes) -> str | None:
    token: str | None = json.loads(page)["next_page_token"]
    return token


def _starts(bars: list[Any]) -> Any:
    try:
        stamps: Any = pa.array([bar["t"] for bar in bars], pa.string()).cast(_UTC)
    except (KeyError, TypeError, ValueError) as error:
        raise PagesMalformed("a stamp cannot be read as an instant with its zone") from error
    if stamps.null_count:
        raise PagesMalformed("a stamp is missing")
    return stamps.to_numpy(zero_copy_only=False)


REPLIES = PagedReplies("alpaca", FUNCTION, classify, refusal, rows="bars", starts=_starts)
