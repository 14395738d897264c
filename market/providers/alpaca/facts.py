"""What Alpaca tells of a symbol besides minute bars. Source: the vendor's documentation of `/v1/corporate-actions`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from market.calendar import NEW_YORK, last_finished_session
from market.providers.alpaca.replies import classify_facts, refusal
from market.providers.asking import FactQuestions, PagedQuestion
from market.providers.facts import DailyBar, Dividend, Split, day_of, in_reason, split_of
from market.providers.pages import Pages

Entry = Mapping[str, Any]
_ACTIONS = "/v1/corporate-actions"
# Before the vendor's first bars; it has no actions from before either.
_SINCE = "2016-01-01"
# A hundred sessions.
_DAYS = timedelta(days=145)
_SPLITS = ("forward_split", "reverse_split", "stock_dividend")


def questions_about(symbol: str, now: datetime) -> FactQuestions:
    """Ask for splits and stock dividends, for cash dividends, and for the daily bars of the last hundred sessions."""
    return FactQuestions(_splits(symbol, now), _dividends(symbol, now), _daily(symbol, now))


def pages_of(question: PagedQuestion[Any]) -> Pages:
    return Pages("alpaca", question.function, classify_facts, refusal)


def _splits(symbol: str, now: datetime) -> PagedQuestion[Split]:
    query = _actions(symbol, _SPLITS, now)
    return PagedQuestion("SPLITS", symbol, _ACTIONS, query, _entries_of(_SPLITS), _read_split, may_be_empty=True)


def _dividends(symbol: str, now: datetime) -> PagedQuestion[Dividend]:
    kinds = ("cash_dividend",)
    query = _actions(symbol, kinds, now)
    return PagedQuestion("DIVIDENDS", symbol, _ACTIONS, query, _entries_of(kinds), _read_dividend, may_be_empty=True)


def _daily(symbol: str, now: datetime) -> PagedQuestion[DailyBar]:
    # The figures of a session under way would be taken for those of a whole one.
    last = last_finished_session(now)
    query = {
        "timeframe": "1Day",
        "start": (last - _DAYS).isoformat(),
        "end": last.isoformat(),
        "limit": "10000",
        "adjustment": "raw",
        "feed": "sip",
        "sort": "asc",
    }
    return PagedQuestion("DAILY", symbol, f"/v2/stocks/{symbol}/bars", query, _bars, _read_bar)


def _actions(symbol: str, kinds: Sequence[str], now: datetime) -> dict[str, str]:
    until = now.astimezone(NEW_YORK).date().isoformat()
    return {"symbols": symbol, "types": ",".join(kinds), "start": _SINCE, "end": until, "limit": "1000", "sort": "asc"}


def _entries_of(kinds: Sequence[str]) -> Any:
    # Asked for in the singular, answered in the plural.
    names = [f"{kind}s" for kind in kinds]
    return lambda page: [entry for name in names for entry in page["corporate_actions"].get(name) or []]


def _bars(page: Entry) -> Sequence[Entry]:
    return page["bars"] or []


def _read_split(entry: Entry) -> Split:
    if "old_rate" in entry:
        return split_of(entry["ex_date"], entry["new_rate"], entry["old_rate"])
    # A stock dividend: so many new shares for each old one, which stays.
    return split_of(entry["ex_date"], 1 + entry["rate"], 1)


def _read_dividend(entry: Entry) -> Dividend:
    amount = in_reason(float(entry["rate"]), above=0, below=1e6)
    recorded, paid = (_date(entry.get(name)) for name in ("record_date", "payable_date"))
    return Dividend(date.fromisoformat(entry["ex_date"]), amount, None, recorded, paid)


def _read_bar(entry: Entry) -> DailyBar:
    # Stamped with midnight in New York.
    return day_of(datetime.fromisoformat(entry["t"]).astimezone(NEW_YORK).date(), entry)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
