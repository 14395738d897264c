"""What Massive tells of a symbol besides minute bars. Source: the vendor's documentation of its reference data."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from market.calendar import NEW_YORK, last_finished_session
from market.providers.asking import FactQuestions, PagedQuestion
from market.providers.facts import DailyBar, Dividend, Split, day_of, in_reason, split_of
from market.providers.massive.replies import classify_facts, refusal
from market.providers.pages import Pages

Entry = Mapping[str, Any]
# A hundred sessions.
_DAYS = timedelta(days=145)


def questions_about(symbol: str, now: datetime) -> FactQuestions:
    """Ask for splits, for dividends paid in dollars, and for the daily bars of the last hundred sessions."""
    return FactQuestions(_splits(symbol), _dividends(symbol), _daily(symbol, now))


def pages_of(question: PagedQuestion[Any]) -> Pages:
    return Pages("massive", question.function, classify_facts, refusal)


def _splits(symbol: str) -> PagedQuestion[Split]:
    query = {"ticker": symbol, "sort": "execution_date", "order": "asc", "limit": "1000"}
    path = "/v3/reference/splits"
    return PagedQuestion("SPLITS", symbol, path, query, _results, _read_split, may_be_empty=True)


def _dividends(symbol: str) -> PagedQuestion[Dividend]:
    query = {"ticker": symbol, "sort": "ex_dividend_date", "order": "asc", "limit": "1000"}
    path = "/v3/reference/dividends"
    return PagedQuestion("DIVIDENDS", symbol, path, query, _in_dollars, _read_dividend, may_be_empty=True)


def _daily(symbol: str, now: datetime) -> PagedQuestion[DailyBar]:
    # The figures of a session under way would be taken for those of a whole one.
    last = last_finished_session(now)
    path = f"/v2/aggs/ticker/{symbol}/range/1/day/{last - _DAYS}/{last}"
    query = {"adjusted": "false", "sort": "asc", "limit": "50000"}
    return PagedQuestion("DAILY", symbol, path, query, _results, _read_bar)


def _results(page: Entry) -> Sequence[Entry]:
    return page.get("results") or []


def _in_dollars(page: Entry) -> Sequence[Entry]:
    # What is paid in another currency is no number of dollars, and its rate of that day is not told.
    return [entry for entry in _results(page) if entry.get("currency", "USD") == "USD"]


def _read_split(entry: Entry) -> Split:
    return split_of(entry["execution_date"], entry["split_to"], entry["split_from"])


def _read_dividend(entry: Entry) -> Dividend:
    amount = in_reason(float(entry["cash_amount"]), above=0, below=1e6)
    declared, recorded, paid = (_date(entry.get(name)) for name in ("declaration_date", "record_date", "pay_date"))
    return Dividend(date.fromisoformat(entry["ex_dividend_date"]), amount, declared, recorded, paid)


def _read_bar(entry: Entry) -> DailyBar:
    # Stamped with midnight in New York.
    return day_of(datetime.fromtimestamp(entry["t"] / 1000, UTC).astimezone(NEW_YORK).date(), entry)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
