"""The provider `massive`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import numpy as np

from market.calendar import session_hours, sessions_in_range
from market.limits import Account
from market.months import Month
from market.providers.asking import FactQuestions, PagedQuestion, read_answer
from market.providers.base import Capabilities, ParsedReply, RawReply, ReplyKind
from market.providers.http.client import HttpReply
from market.providers.massive import facts
from market.providers.massive.client import Client, next_page
from market.providers.massive.replies import classify, refusal
from market.providers.pages import PagedReplies, PagesMalformed, RawRequest

T = TypeVar("T")

FUNCTION = "AGGS"
_FIRST_MONTH = Month(2003, 9)
# A path and its query.
Address = tuple[str, Mapping[str, str]]


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
        get = partial(self._get, symbol, month)
        return REPLIES.fetch(RawRequest(symbol, month, request, now), (path, request), get, _following)

    def _get(self, symbol: str, month: Month, address: Address) -> HttpReply:
        return self.client.get_page(symbol, str(month), *address)

    def parse(self, reply: RawReply) -> ParsedReply:
        return REPLIES.parse(reply)

    def questions_about(self, symbol: str, now: datetime) -> FactQuestions:
        return facts.questions_about(symbol, now)

    def ask(self, question: PagedQuestion[T], now: datetime) -> RawReply:
        asked = question.asked(now)

        def get(address: Address) -> HttpReply:
            return self.client.get_facts(asked, question.function, *address)

        return facts.pages_of(question).fetch(asked, (question.path, question.query), get, _following)

    def answer(self, question: PagedQuestion[T], reply: RawReply) -> tuple[T, ...]:
        return read_answer(facts.pages_of(question), question, reply)


def _request(symbol: str, month: Month) -> Address:
    sessions = sessions_in_range(month.first_date, month.last_date)
    first = session_hours(sessions[0]).pre_open
    last = session_hours(sessions[-1]).post_close - timedelta(minutes=1)
    span = f"{int(first.timestamp()) * 1000}/{int(last.timestamp()) * 1000}"
    path = f"/v2/aggs/ticker/{symbol}/range/1/minute/{span}"
    return path, {"adjusted": "false", "sort": "asc", "limit": "50000"}


def _following(page: bytes) -> Address | None:
    try:
        path, query = next_page(json.loads(page).get("next_url") or "")
    except ValueError as error:
        raise refusal(ReplyKind.UNKNOWN, "the address of the next page cannot be read") from error
    return (path, query) if path else None


def _starts(bars: list[Any]) -> Any:
    try:
        milliseconds = np.array([bar["t"] for bar in bars])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise PagesMalformed("a stamp cannot be read") from error
    if (
        milliseconds.ndim != 1
        or milliseconds.dtype.kind not in "iu"
        or (milliseconds < 0).any()
        or (milliseconds > 10**13).any()
    ):
        raise PagesMalformed("a stamp is no instant in milliseconds")
    return (milliseconds * 1000).astype("datetime64[us]")


REPLIES = PagedReplies("massive", FUNCTION, classify, refusal, rows="results", starts=_starts)
