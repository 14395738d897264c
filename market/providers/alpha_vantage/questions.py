"""What Alpha Vantage can be asked besides minute bars, and how each answer is read."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, TypeVar

from market.providers.asking import Asked
from market.providers.facts import DailyBar, Dividend, Listing, Split, SymbolMatch, VenueStatus

# Stands where a symbol would for answers that concern the whole market; no symbol has an underscore.
WHOLE_MARKET = "_market"
T = TypeVar("T")
Row = Mapping[str, str]

_DAILY = ("timestamp", "open", "high", "low", "close", "volume")
_SPLITS = ("effective_date", "split_factor")
_DIVIDENDS = ("ex_dividend_date", "declaration_date", "record_date", "payment_date", "amount")
_LISTINGS = ("symbol", "name", "exchange", "assetType", "ipoDate", "delistingDate", "status")
_MATCHES = ("symbol", "name", "type", "region", "marketOpen", "marketClose", "timezone", "currency", "matchScore")
# The words for "not known" that stand in place of a date.
_NO_DATE = ("", "null", "None", "-", "0000-00-00")


class AnswerMalformed(ValueError):
    """The text is not the answer that was asked for."""


@dataclass(frozen=True, slots=True)
class Question(Asked[T]):
    """One request and the reading of its answer. `subject` is a canonical symbol or WHOLE_MARKET.

    `may_be_empty` says that an answer without entries is one, and not a failure; `key` is where entries stand in JSON.
    """

    function: str
    subject: str
    query: Mapping[str, str]
    read: Callable[[bytes], tuple[T, ...]]
    may_be_empty: bool = False
    key: str = ""

    def holds_no_entries(self, body: bytes) -> bool:
        """Tell whether a JSON body is an answer whose list is empty."""
        return bool(self.may_be_empty and self.key) and json.loads(body).get(self.key) == []


def daily(symbol: str, *, full: bool = False) -> Question[DailyBar]:
    """Ask for daily bars as traded, oldest first: the newest 100, or with a paid plan all that there are."""
    query = {"symbol": _spelled(symbol), "outputsize": "full" if full else "compact", "datatype": "csv"}
    return Question("TIME_SERIES_DAILY", symbol, query, _read_daily)


def splits(symbol: str) -> Question[Split]:
    """Ask for all splits, oldest first; there may be none."""
    return Question("SPLITS", symbol, {"symbol": _spelled(symbol), "datatype": "csv"}, _read_splits, may_be_empty=True)


def dividends(symbol: str) -> Question[Dividend]:
    """Ask for all dividends, oldest first; those to come included; there may be none."""
    return Question(
        "DIVIDENDS", symbol, {"symbol": _spelled(symbol), "datatype": "csv"}, _read_dividends, may_be_empty=True
    )


def listings(*, active: bool = True, on: date | None = None) -> Question[Listing]:
    """Ask for all symbols that are listed, or were delisted, today or on a date from 2010 on."""
    query = {"state": "active" if active else "delisted", **({"date": on.isoformat()} if on else {})}
    return Question("LISTING_STATUS", WHOLE_MARKET, query, _read_listings)


def symbol_search(words: str) -> Question[SymbolMatch]:
    """Ask for symbols and names that resemble a few words, best first; there may be none."""
    query = {"keywords": words[:100], "datatype": "json"}
    return Question("SYMBOL_SEARCH", WHOLE_MARKET, query, _read_matches, may_be_empty=True, key="bestMatches")


def market_status() -> Question[VenueStatus]:
    """Ask which markets are open now."""
    return Question("MARKET_STATUS", WHOLE_MARKET, {}, _read_venues)


def _spelled(symbol: str) -> str:
    return symbol.replace(".", "-")


def _read_daily(body: bytes) -> tuple[DailyBar, ...]:
    bars = [_daily_bar(row) for row in _csv_rows(body, _DAILY)]
    if any(not 0 < price < float("inf") for bar in bars for price in (bar.open, bar.high, bar.low, bar.close)):
        raise AnswerMalformed("a price is not a positive number")
    return tuple(sorted(bars, key=lambda bar: bar.session))


def _daily_bar(row: Row) -> DailyBar:
    opening, high, low, close = (float(row[name]) for name in ("open", "high", "low", "close"))
    return DailyBar(date.fromisoformat(row["timestamp"]), opening, high, low, close, int(row["volume"]))


def _read_splits(body: bytes) -> tuple[Split, ...]:
    found = [
        Split(date.fromisoformat(row["effective_date"]), float(row["split_factor"])) for row in _csv_rows(body, _SPLITS)
    ]
    if any(not 0 < split.factor < 10_000 for split in found):
        raise AnswerMalformed("a split factor is not a sensible number")
    return tuple(sorted(found, key=lambda split: split.effective))


def _read_dividends(body: bytes) -> tuple[Dividend, ...]:
    found = [
        Dividend(
            ex_date=date.fromisoformat(row["ex_dividend_date"]),
            amount=float(row["amount"]),
            declared=_date(row["declaration_date"]),
            recorded=_date(row["record_date"]),
            paid=_date(row["payment_date"]),
        )
        for row in _csv_rows(body, _DIVIDENDS)
    ]
    if any(not 0 <= dividend.amount < 1_000_000 for dividend in found):
        raise AnswerMalformed("a dividend is not a sensible amount")
    return tuple(sorted(found, key=lambda dividend: dividend.ex_date))


def _read_listings(body: bytes) -> tuple[Listing, ...]:
    return tuple(
        Listing(
            spelling=row["symbol"].strip(),
            name=row["name"].strip(),
            exchange=row["exchange"].strip(),
            asset_type=row["assetType"].strip(),
            listed=_date(row["ipoDate"]),
            delisted=_date(row["delistingDate"]),
            active=row["status"].strip().lower() == "active",
        )
        for row in _csv_rows(body, _LISTINGS)
        if row["symbol"].strip()
    )


def _read_matches(body: bytes) -> tuple[SymbolMatch, ...]:
    rows: Iterator[Row] = _match_objects(body) if body.lstrip()[:1] == b"{" else _csv_rows(body, _MATCHES)
    return tuple(
        SymbolMatch(
            spelling=row["symbol"].strip(),
            name=row["name"].strip(),
            asset_type=row["type"],
            region=row["region"],
            currency=row["currency"],
            score=float(row["matchScore"]),
        )
        for row in rows
    )


def _match_objects(body: bytes) -> Iterator[Row]:
    for match in _objects(body, "bestMatches"):
        # `1. symbol` and so on: the words, unlike the numbers, are the same in CSV.
        yield {name.partition(" ")[2]: str(value) for name, value in match.items()}


def _read_venues(body: bytes) -> tuple[VenueStatus, ...]:
    return tuple(
        VenueStatus(
            market_type=venue["market_type"],
            region=venue["region"],
            exchanges=tuple(name.strip() for name in venue["primary_exchanges"].split(",")),
            local_open=time.fromisoformat(venue["local_open"]),
            local_close=time.fromisoformat(venue["local_close"]),
            is_open=venue["current_status"] == "open",
            notes=venue["notes"],
        )
        for venue in _objects(body, "markets")
    )


def _objects(body: bytes, name: str) -> Sequence[Mapping[str, Any]]:
    found = json.loads(body).get(name)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise AnswerMalformed(f"there is no list {name!r}")
    return found


def _csv_rows(body: bytes, header: tuple[str, ...]) -> Iterator[Row]:
    text = body.decode("utf-8-sig")
    if text and not text.endswith("\n"):
        # The vendor ends each line; one that is not ended may be half a line.
        raise AnswerMalformed("the last line is incomplete")
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    first = next(lines, [])
    if tuple(first) != header:
        raise AnswerMalformed(f"the first line is {','.join(first)[:80]!r}, not {','.join(header)!r}")
    for number, values in enumerate(lines, start=2):
        if len(values) != len(header):
            raise AnswerMalformed(f"line {number} has {len(values)} values instead of {len(header)}")
        yield dict(zip(header, values, strict=True))


def _date(text: str) -> date | None:
    return None if text.strip() in _NO_DATE else date.fromisoformat(text.strip())
